import type { JsonObject } from '../base/json.ts'
import { jsonInSteps } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import type { KubeObject } from '../kinds/meta.ts'

/** A large object's JSON, written before it is known which revision it becomes. */
export class LongJson {
  readonly #metadata: KubeObject['metadata']
  /** The JSON of the metadata, without its braces. */
  readonly #members: Buffer
  /** What stands before those, and behind them. */
  readonly #before: Buffer
  readonly #behind: Buffer

  constructor(metadata: KubeObject['metadata'], members: Buffer, before: Buffer, behind: Buffer) {
    this.#metadata = metadata
    this.#members = members
    this.#before = before
    this.#behind = behind
  }

  /** Of the object without a revision. */
  get bytes(): number {
    return this.#before.length + this.#members.length + this.#behind.length
  }

  /** The bytes of the object with this revision, and with this metadata if it is other than at first. */
  with(metadata: KubeObject['metadata'], resourceVersion?: string): Buffer {
    const members = metadata === this.#metadata ? this.#members : Buffer.from(withoutBraces(JSON.stringify({ ...metadata, resourceVersion: undefined })))
    const version = resourceVersion === undefined ? '' : `${members.length > 0 ? ',' : ''}"resourceVersion":${JSON.stringify(resourceVersion)}`
    const parts = [this.#before, members, Buffer.from(version), this.#behind]
    const json = Buffer.allocUnsafeSlow(parts.reduce((length, part) => length + part.length, 0))
    parts.reduce((at, part) => at + part.copy(json, at), 0)
    return json
  }
}

const withoutBraces = (json: string): string => json.slice(1, -1)

/** The object is not changed from here on. */
export function* longJson(object: Readonly<KubeObject>): Steps<LongJson> {
  const { metadata } = object
  const members = withoutBraces(yield* jsonInSteps({ ...metadata, resourceVersion: undefined }))
  const names = Object.keys(object)
  const at = names.indexOf('metadata')
  const part = (from: number, to?: number) => jsonInSteps(Object.fromEntries(names.slice(from, to).map((name) => [name, (object as unknown as JsonObject)[name]])))
  const before = withoutBraces(yield* part(0, at))
  const behind = withoutBraces(yield* part(at + 1))
  yield
  const head = Buffer.from(`{${before}${before && ','}"metadata":{`)
  yield
  return new LongJson(metadata, Buffer.from(members), head, Buffer.from(`}${behind && ','}${behind}}`))
}
