import { writeDouble } from './number-text.ts'
import { writeDuration, writeTimestamp } from './times.ts'
import { Duration, Timestamp, TypeValue, Uint } from './values.ts'

/** A value as Go's `%v` writes it. */
export function goText(value: unknown): string {
  if (typeof value === 'number') return writeDouble(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Duration) return writeDuration(value)
  if (value instanceof Timestamp) return writeTimestamp(value)
  if (value instanceof TypeValue) return value.name
  return typeof value === 'object' ? JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) : String(value as string)
}
