import type { JsonObject } from '../base/json.ts'
import { jsonInSteps } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import type { KubeObject } from '../kinds/meta.ts'

/** A large object's JSON, written before it is known which revision it becomes. */
export class LongJson {
  readonly #metadata: KubeObject['metadata']
  /** The JSON of the metadata, without its braces. */
  readonly #metadataJson: string
  readonly #before: string
  readonly #behind: string

  constructor(metadata: KubeObject['metadata'], metadataJson: string, before: string, behind: string) {
    this.#metadata = metadata
    this.#metadataJson = metadataJson
    this.#before = before
    this.#behind = behind
  }

  /** The bytes of the object with this revision, and with this metadata if it is other than at first. */
  with(metadata: KubeObject['metadata'], resourceVersion?: string): Buffer {
    const members = metadata === this.#metadata ? this.#metadataJson : withoutBraces(JSON.stringify({ ...metadata, resourceVersion: undefined }))
    const version = resourceVersion === undefined ? '' : `"resourceVersion":${JSON.stringify(resourceVersion)}`
    const json = `${this.#before}"metadata":{${members}${members && version && ','}${version}}${this.#behind}`
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json))
    bytes.write(json)
    return bytes
  }
}

const withoutBraces = (json: string): string => json.slice(1, -1)

/** The object is not changed from here on. */
export function* longJson(object: Readonly<KubeObject>): Steps<LongJson> {
  const { metadata } = object
  const metadataJson = withoutBraces(yield* jsonInSteps({ ...metadata, resourceVersion: undefined }))
  const names = Object.keys(object)
  const at = names.indexOf('metadata')
  const part = (from: number, to?: number) => jsonInSteps(Object.fromEntries(names.slice(from, to).map((name) => [name, (object as unknown as JsonObject)[name]])))
  const before = withoutBraces(yield* part(0, at))
  const behind = withoutBraces(yield* part(at + 1))
  return new LongJson(metadata, metadataJson, `{${before}${before && ','}`, `${behind && ','}${behind}}`)
}
