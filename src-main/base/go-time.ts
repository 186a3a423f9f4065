import { goQuoted } from './go-text.ts'

/** RFC 3339 in the words of Go's time package, with what stands there. */
const parts: ReadonlyArray<readonly [element: string, form: RegExp, range?: readonly [name: string, low: number, high: number]]> = [
  ['2006', /^\d{4}/], ['-', /^-/], ['01', /^\d\d/, ['month', 1, 12]], ['-', /^-/], ['02', /^\d\d/], ['T', /^T/],
  ['15', /^\d\d?/, ['hour', 0, 23]], [':', /^:/], ['04', /^\d\d/, ['minute', 0, 59]], [':', /^:/], ['05', /^\d\d(?:[.,]\d+)?/, ['second', 0, 59]], ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
]

const rfc3339 = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** A time by RFC 3339, of a day that the calendar has, in ms; undefined for any other text. */
export function goTime(text: string): number | undefined {
  if (!rfc3339.test(text)) return undefined
  const day = Number(text.slice(8, 10))
  // every month has the 28th; Date counts on into the next month
  const isDay = day <= 28 || new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day
  return isDay ? Date.parse(text) : undefined
}

/** What time.Parse of Go says of a text that is no time by RFC 3339. */
export function goTimeMistake(text: string, fractionDigits = 0): string {
  const layout = `2006-01-02T15:04:05${fractionDigits === 0 ? '' : `.${'0'.repeat(fractionDigits)}`}Z07:00`
  const said = (what: string): string => `parsing time ${goQuoted(text)}${what}`
  let rest = text
  for (const [element, form, range] of parts) {
    const [found] = form.exec(rest) ?? []
    if (found === undefined) return said(` as "${layout}": cannot parse ${goQuoted(rest)} as ${goQuoted(element)}`)
    rest = rest.slice(found.length)
    if (range && (Number.parseInt(found) < range[1] || Number.parseInt(found) > range[2])) return said(`: ${range[0]} out of range`)
  }
  return said(rest === '' ? ': day out of range' : `: extra text: ${goQuoted(rest)}`)
}
