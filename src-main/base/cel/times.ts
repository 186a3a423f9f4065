import type { Duration } from '@marcbachmann/cel-js/evaluator'
import type { EnvironmentPart } from './part.ts'

/** A duration as cel-go writes it: seconds, `90s`, `1.5s`. */
export function secondsOf(duration: Duration): string {
  const nanos = Number(duration.nanos)
  const fraction = nanos === 0 ? '' : `.${String(Math.abs(nanos)).padStart(9, '0').replace(/0+$/, '')}`
  return `${nanos < 0 && duration.seconds === 0n ? '-' : ''}${duration.seconds}${fraction}s`
}

const written = (time: Date): string => time.toISOString().replace(/\.?0*Z$/, 'Z')

/** Conversions of times that CEL has and the library lacks. */
export const timePart: EnvironmentPart = {
  functions: {
    'string(google.protobuf.Timestamp): string': written,
    'string(google.protobuf.Duration): string': secondsOf,
    'int(google.protobuf.Timestamp): int': (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
    'int(google.protobuf.Duration): int': (duration: Duration) => duration.seconds * 1_000_000_000n + BigInt(duration.nanos),
    'timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp': (time: Date) => time,
    'duration(google.protobuf.Duration): google.protobuf.Duration': (duration: Duration) => duration,
  },
}
