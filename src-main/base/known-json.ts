import { isJsonObject, type JsonObject } from './json.ts'
import { jsonInSteps } from './json-steps.ts'
import type { Steps } from './turns.ts'

/** The text of an object's members, and for those that are worth it the text of theirs. */
interface Members {
  readonly of: Readonly<JsonObject>
  readonly texts: ReadonlyMap<string, Buffer>
  readonly inside?: Members | undefined
}

/** Whose members are known one by one too: few of them change when an object does. */
const divided = 'metadata'

/** The JSON of a large object, of which that of another is put together that has most members from it. */
export class KnownJson {
  readonly #members: Members

  constructor(members: Members) {
    this.#members = members
  }

  /** The JSON of another object, with the texts of those of its members that are not this one's. */
  with(of: Readonly<object>, texts: ReadonlyMap<string, string>): KnownJson {
    const { texts: known, ...members } = this.#members
    return new KnownJson({ ...members, of: of as JsonObject, texts: new Map([...known, ...[...texts].map(([name, text]) => [name, Buffer.from(text)] as const)]) })
  }

  /** As `JSON.stringify` writes it: only what is not a member of the known object has to be written anew. */
  of(object: Readonly<object>): Buffer {
    const parts: Buffer[] = []
    put(parts, object as JsonObject, this.#members)
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const json = Buffer.allocUnsafeSlow(length)
    parts.reduce((at, part) => at + part.copy(json, at), 0)
    return json
  }
}

const end = Buffer.from('}')

function put(parts: Buffer[], object: Readonly<JsonObject>, { of, texts, inside }: Members): void {
  const first = parts.push(Buffer.from('{'))
  for (const key of Object.keys(object)) {
    const value = object[key]
    const known = typeof value === 'object' && Object.hasOwn(of, key) && value === of[key] ? texts.get(key) : undefined
    const within = !known && key === divided && inside && isJsonObject(value)
    const text = known ?? (within ? undefined : JSON.stringify(value) as string | undefined)
    if (text === undefined && !within) continue
    parts.push(Buffer.from(`${parts.length > first ? ',' : ''}${JSON.stringify(key)}:`))
    if (within) put(parts, value, inside)
    else parts.push(Buffer.isBuffer(text) ? text : Buffer.from(text!))
  }
  parts.push(end)
}

/** Writes an object that may be long. It is not changed from here on. */
export function* knownJson(object: Readonly<object>): Steps<KnownJson> {
  return new KnownJson(yield* membersInSteps(object as JsonObject))
}

function* membersInSteps(of: Readonly<JsonObject>): Steps<Members> {
  const texts = new Map<string, Buffer>()
  for (const key of Object.keys(of)) {
    const value = of[key]
    if (typeof value !== 'object' || value === null || key === divided) continue
    const text = yield* jsonInSteps(value)
    yield
    texts.set(key, Buffer.from(text))
  }
  const inside = of[divided]
  return { of, texts, inside: isJsonObject(inside) ? yield* membersInSteps(inside) : undefined }
}

/** What is known of an object whose JSON is at hand, as `JSON.stringify` wrote it. */
export function knownFrom(object: Readonly<object>, json: Buffer): KnownJson {
  return new KnownJson(membersIn(object as JsonObject, json))
}

function membersIn(of: Readonly<JsonObject>, json: Buffer): Members {
  const texts = new Map<string, Buffer>()
  for (const [key, from, to] of rangesOf(json)) texts.set(key, json.subarray(from, to))
  const [inside, text] = [of[divided], texts.get(divided)]
  return { of, texts, inside: isJsonObject(inside) && text ? membersIn(inside, text) : undefined }
}

/** Where the values of an object's members stand. */
function* rangesOf(json: Buffer): Generator<readonly [key: string, from: number, to: number]> {
  let depth = 0
  let key = ''
  let from = 0
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case 0x22: { // "
        const begin = i
        i = endOfText(json, i)
        if (depth === 1 && json[i + 1] === 0x3a && from === 0) {
          key = JSON.parse(json.toString('utf8', begin, i + 1)) as string
          from = i + 2
        }
        break
      }
      case 0x5b: // [
      case 0x7b: // {
        depth++
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        if (depth > 0 || from === 0) break
        yield [key, from, i]
        break
      case 0x2c: // ,
        if (depth !== 1) break
        yield [key, from, i]
        from = 0
    }
  }
}

/** Where a text ends that begins at `from`. */
function endOfText(json: Buffer, from: number): number {
  for (let at = json.indexOf(0x22, from + 1); ; at = json.indexOf(0x22, at + 1)) {
    let slashes = 0
    while (json[at - 1 - slashes] === 0x5c) slashes++
    if (slashes % 2 === 0) return at
  }
}
