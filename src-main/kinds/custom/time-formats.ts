const time = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/u
/** As time.ParseDuration of Go reads it. */
const duration = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/
/** Units as Scala writes them; a word may go on after the last one of a line. */
const units = [['ns', 'nano'], ['us', 'µs', 'micro'], ['ms', 'milli'], ['s', 'sec'], ['m', 'min'], ['h', 'hr', 'hour'], ['d', 'day'], ['w', 'wk', 'week']] as const

/** A day as RFC 3339 writes it, which the calendar has. */
export function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const at = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value)
}

/** Time and day by themselves: strfmt of kube-openapi looks at no third part, nor whether an offset can be. */
export function isDateTime(value: string): boolean {
  const [day = '', clock] = value.toLowerCase().split('t', 2)
  const [, hours = '', minutes = '', seconds = ''] = clock === undefined ? [] : (time.exec(clock) ?? [])
  return hours !== '' && isDate(day) && hours <= '23' && minutes <= '59' && seconds <= '59'
}

/** Something that lasts, somewhere in the text. */
export function isDuration(value: string): boolean {
  if (duration.test(value)) return true
  const parts = [...value.matchAll(/(\d+)[\t\n\f\r ]*([A-Za-zµ]*)/g)].filter(([, , unit]) => unit !== '')
  return parts.every(([, count = '']) => count.length < 19) && parts.some(([, , unit = '']) => isUnit(unit.toLowerCase()))
}

const isUnit = (word: string): boolean => units.some((names) => names.some((name) => name === word) || word.startsWith(names.at(-1)!))
