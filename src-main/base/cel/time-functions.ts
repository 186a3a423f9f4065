import { type Library, member } from './declarations.ts'
import { type Calendar, calendarOf } from './times.ts'
import { duration, int, string, timestamp } from './types.ts'
import type { Duration, Timestamp } from './values.ts'

const part = (of: (calendar: Calendar) => number) => [
  member([timestamp], int, (time: Timestamp) => BigInt(of(calendarOf(time)))),
  member([timestamp, string], int, (time: Timestamp, zone: string) => BigInt(of(calendarOf(time, zone)))),
]

const whole = (nanosPer: bigint) => member([duration], int, ({ nanos }: Duration) => nanos / nanosPer)

/** What times and durations are asked for. */
export const timeLibrary: Library = {
  functions: {
    getFullYear: part(({ year }) => year),
    getMonth: part(({ month }) => month),
    getDayOfYear: part(({ dayOfYear }) => dayOfYear),
    getDayOfMonth: part(({ day }) => day - 1),
    getDate: part(({ day }) => day),
    getDayOfWeek: part(({ weekday }) => weekday),
    getHours: [...part(({ hours }) => hours), whole(3_600_000_000_000n)],
    getMinutes: [...part(({ minutes }) => minutes), whole(60_000_000_000n)],
    getSeconds: [...part(({ seconds }) => seconds), whole(1_000_000_000n)],
    getMilliseconds: [...part(({ milliseconds }) => milliseconds), whole(1_000_000n)],
  },
}
