import type { Steps } from '../base/turns.ts'
import type { Json } from './openapi-schema.ts'
import type { WireWriter } from './protobuf-write.ts'

/**
 * How a field of a gnostic message is written: text, a flag, a number, whole messages, maps as repeated name-and-value pairs
 * (in a message of their own), any JSON as YAML text; `default` where it has a form only as text, number or truth, `type` as a
 * list of one.
 */
export type Field =
  | readonly [number: number, form: 'text' | 'texts' | 'flag' | 'whole' | 'double' | 'any' | 'anys' | 'default' | 'type']
  | readonly [number: number, form: 'message' | 'messages' | 'pairs', message: string]

/** The messages of one version of gnostic's, as far as the documents here use them. */
export interface Messages {
  /** By JSON key. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, Field>>>>
  /** Where a message keeps the `x-` keys. */
  readonly extensions: Readonly<Record<string, number>>
  /** Messages that are not written by their fields: says whether this is one. */
  own(to: WireWriter, message: string, value: unknown): boolean
}

/** Like all that is written here, from its end to its beginning. */
export function writeMessage(to: WireWriter, messages: Messages, message: string, value: unknown): void {
  if (messages.own(to, message, value)) return
  const fields = messages.fields[message] ?? {}
  const extension = messages.extensions[message]
  for (const [key, item] of Object.entries(value as Json).reverse()) {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (field) writeField(to, messages, field, item)
    else if (key.startsWith('x-') && extension !== undefined) writePair(to, extension, key, () => writeAny(to, item))
  }
}

export function writePair(to: WireWriter, number: number, name: string, value: () => void): void {
  to.message(number, () => {
    to.message(2, value)
    to.text(1, name)
  })
}

export function writePairs(to: WireWriter, messages: Messages, number: number, value: Json, message: string): void {
  for (const [name, each] of Object.entries(value).reverse()) writePair(to, number, name, () => writeMessage(to, messages, message, each))
}

/** The same of many, with a rest after each. */
export function* pairsInSteps(to: WireWriter, messages: Messages, number: number, value: unknown, message: string): Steps<void> {
  for (const [name, each] of Object.entries((value ?? {}) as Json).reverse()) {
    writePair(to, number, name, () => writeMessage(to, messages, message, each))
    yield
  }
}

/** A message whose content is written in steps. */
export function* messageInSteps(to: WireWriter, number: number, inside: () => Steps<void>): Steps<void> {
  const before = to.length
  yield* inside()
  to.head(number, to.length - before)
}

/** JSON is YAML. */
const writeAny = (to: WireWriter, value: unknown): void => to.text(2, `${JSON.stringify(value)}\n`)

function writeField(to: WireWriter, messages: Messages, [number, form, message = '']: Field, value: unknown): void {
  switch (form) {
    case 'text':
      return to.text(number, String(value))
    case 'texts':
      return (value as string[]).toReversed().forEach((each) => to.text(number, each))
    case 'flag':
      return value === true ? to.integer(number, 1) : undefined
    case 'whole':
      return to.integer(number, Number(value))
    case 'double':
      return to.double(number, Number(value))
    case 'any':
      return to.message(number, () => writeAny(to, value))
    case 'anys':
      return (value as unknown[]).toReversed().forEach((each) => to.message(number, () => writeAny(to, each)))
    case 'default':
      return to.message(number, () => writeDefault(to, value))
    case 'type':
      return to.message(number, () => to.text(1, String(value)))
    case 'message':
      return to.message(number, () => writeMessage(to, messages, message, value))
    case 'messages':
      return (value as unknown[]).toReversed().forEach((each) => to.message(number, () => writeMessage(to, messages, message, each)))
    case 'pairs':
      return to.message(number, () => writePairs(to, messages, 1, value as Json, message))
  }
}

function writeDefault(to: WireWriter, value: unknown): void {
  if (typeof value === 'number') to.double(1, value)
  else if (typeof value === 'boolean') to.integer(2, value ? 1 : 0)
  else if (typeof value === 'string') to.text(3, value)
}
