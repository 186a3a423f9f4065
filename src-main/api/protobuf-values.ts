import { timestamp } from '../base/clock.ts'
import { parseJson } from '../base/json.ts'
import { errorMessage } from '../base/log.ts'
import type { Steps } from '../base/turns.ts'
import { maxDepth } from '../kinds/schemas.ts'
import { refusedInSteps } from './json-guard.ts'
import { parseInParts } from './json-parts.ts'
import { type Scan, scanInSteps, scanJson } from './json-scan.ts'
import { StatusError } from '../kinds/status-error.ts'
import { malformed, wire, WireReader } from './protobuf-wire.ts'

/** Every text that a message has under `number`. */
export function textsIn(bytes: Buffer, number: number): string[] {
  return partsIn(bytes, number).map((part) => part.toString('utf8'))
}

/** Every message or run of bytes under `number`. */
export function partsIn(bytes: Buffer, number: number): Buffer[] {
  const reader = new WireReader(bytes)
  const found: Buffer[] = []
  while (reader.next()) {
    if (reader.number === number) found.push(reader.bytes())
    else reader.skip()
  }
  return found
}

/** The last integer under each number. */
export function integersIn(bytes: Buffer): Map<number, number> {
  const reader = new WireReader(bytes)
  const found = new Map<number, number>()
  while (reader.next()) {
    if (reader.type === wire.varint) found.set(reader.number, reader.integer())
    else reader.skip()
  }
  return found
}

/** An intstr.IntOrString. */
export function intOrString(bytes: Buffer): number | string {
  const numbers = integersIn(bytes)
  return numbers.get(1) === 1 ? (textsIn(bytes, 3).at(-1) ?? '') : (numbers.get(2) ?? 0) | 0
}

/** The years 1 to 9999, which RFC 3339 can write. */
const earliestSeconds = -62_135_596_800
const latestSeconds = 253_402_300_799

/** Go's zero time, which is written as an empty message, is null in JSON. */
export function time(bytes: Buffer, type: 'time' | 'microtime'): string | null {
  const numbers = integersIn(bytes)
  const seconds = numbers.get(1) ?? 0
  const nanos = numbers.get(2) ?? 0
  if (bytes.length === 0 || (seconds === earliestSeconds && nanos === 0)) return null
  if (seconds < earliestSeconds || seconds > latestSeconds || nanos < 0 || nanos >= 1e9) throw malformed('the time is out of range')
  const text = timestamp(seconds * 1000)
  return type === 'time' ? text : text.replace('Z', `.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`)
}

/** A RawExtension, a FieldsV1, an apiextensions JSON: a text of JSON in a message. */
export function rawJson(bytes: Buffer): unknown {
  const text = textsIn(bytes, 1).at(-1) ?? ''
  if (text === '') return null
  try {
    const value = parseJson(text)
    checkDepth(scanJson(text))
    return value
  } catch (error) {
    throw unparsed(error)
  }
}

/** The same of one that may be long. */
export function* rawJsonInSteps(bytes: Buffer): Steps<unknown> {
  const part = partsIn(bytes, 1).at(-1)
  if (!part?.length) return null
  const refused = yield* refusedInSteps(part, maxDepth)
  if (refused) throw malformed(`json parse error: ${refused}`)
  const text = part.toString('utf8')
  try {
    const value = yield* parseInParts(text)
    checkDepth(yield* scanInSteps(text))
    return value
  } catch (error) {
    throw unparsed(error)
  }
}

const unparsed = (error: unknown): unknown => (error instanceof StatusError ? error : malformed(`json parse error: ${errorMessage(error)}`))

function checkDepth({ depth }: Scan): void {
  if (depth > maxDepth) throw malformed(`json parse error: exceeded max depth of ${maxDepth}`)
}
