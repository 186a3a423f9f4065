/** Bounds and names of the five fields: robfig/cron's standard parser. */
const fields: ReadonlyArray<{ readonly min: number; readonly max: number; readonly names?: readonly string[] }> = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const duration = /^[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/
const quote = (text: string): string => JSON.stringify(text)

/** What is wrong with a schedule, in the words of cron.ParseStandard; undefined when nothing is. */
export function wrongSchedule(schedule: string): string | undefined {
  const zone = /^(?:TZ|CRON_TZ)=(\S*)\s*(.*)$/s.exec(schedule)
  const text = (zone?.[2] ?? schedule).trim()
  if (zone && !isTimeZone(zone[1] ?? '')) return `provided bad location ${zone[1]}: unknown time zone ${zone[1]}`
  if (text.startsWith('@')) return wrongDescriptor(text)
  const parts = text.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [i, part] of parts.entries()) {
    const wrong = part.split(',').filter((one) => one !== '').map((one) => wrongRange(one, i)).find((sentence) => sentence !== undefined)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

export function isTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true
  try {
    // what Intl takes and the time zone database does not know: an offset, and another case; another name of a zone begins with a capital
    const zone = /^[+-]/.test(name) ? '' : new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
    return zone.toLowerCase() === name.toLowerCase() ? zone === name : zone !== '' && /^[A-Z]/.test(name)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function wrongDescriptor(text: string): string | undefined {
  if (descriptors.includes(text)) return undefined
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`
  const every = text.slice('@every '.length)
  return duration.test(every) ? undefined : `failed to parse duration ${text}: time: ${wrongDuration(every)}`
}

function wrongDuration(text: string): string {
  const unit = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(text)
  if (!unit) return `invalid duration ${quote(text)}`
  return unit[1] ? `unknown unit ${quote(unit[1])} in duration ${quote(text)}` : `missing unit in duration ${quote(text)}`
}

/** `number`, `number-number`, `*`, each perhaps with `/step`. */
function wrongRange(text: string, i: number): string | undefined {
  const { min, max, names } = fields[i]!
  const [range = '', step, ...moreSteps] = text.split('/')
  const [low = '', high, ...moreEnds] = range.split('-')
  const all = low === '*' || low === '?'
  const start = all ? min : numberOf(low, names)
  if (typeof start === 'string') return start
  let end = all ? max : start
  if (!all && high !== undefined) {
    if (moreEnds.length > 0) return `too many hyphens: ${text}`
    const given = numberOf(high, names)
    if (typeof given === 'string') return given
    end = given
  }
  if (moreSteps.length > 0) return `too many slashes: ${text}`
  let by = 1
  if (step !== undefined) {
    const given = numberOf(step)
    if (typeof given === 'string') return given
    by = given
    if (!all && high === undefined) end = max
  }
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${text}`
  if (end > max) return `end of range (${end}) above maximum (${max}): ${text}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`
  return by === 0 ? `step of range should be a positive number: ${text}` : undefined
}

function numberOf(text: string, names: readonly string[] = []): number | string {
  const named = text === '' ? -1 : names.indexOf(text.toLowerCase())
  if (named >= 0) return named
  if (/^-\d+$/.test(text)) return `negative number (${text}) not allowed: ${text}`
  if (!/^\+?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: invalid syntax`
  return Number(text) > Number.MAX_SAFE_INTEGER ? `failed to parse int from ${text}: strconv.Atoi: parsing ${quote(text)}: value out of range` : Number(text)
}
