import { Unconverted } from '../kind.ts'
import type { KubeObject } from '../meta.ts'

/** Converts objects of one kind to a version, in order. Rejects when that cannot be done. */
export type Convert = (objects: ReadonlyArray<Readonly<KubeObject>>, apiVersion: string) => Promise<readonly KubeObject[]>

/** As many answers are kept of objects that are not stored (yet): a request asks for a few of them, and soon. */
const mostRecent = 64

/** What a converter has answered: by object, for those that are stored, and by content for those that are made anew each time. */
export class Conversions {
  readonly #convert: Convert
  readonly #byObject = new WeakMap<object, Map<string, KubeObject>>()
  readonly #byContent = new Map<string, KubeObject>()
  /** Questions that are not answered yet, by what they are about. */
  readonly #open = new WeakMap<object, Map<string, Promise<void>>>()

  constructor(convert: Convert) {
    this.#convert = convert
  }

  /** Not to be changed. @throws Unconverted when nobody has asked for it */
  get(object: Readonly<KubeObject>, apiVersion: string): Readonly<KubeObject> {
    const known = this.#find(object, apiVersion)
    if (!known) throw new Unconverted(object, apiVersion)
    return known
  }

  /** Afterwards `get` knows all of them. */
  async ask(objects: ReadonlyArray<Readonly<KubeObject>>, apiVersion: string): Promise<void> {
    await Promise.all(new Set(objects.map((object) => this.#open.get(object)?.get(apiVersion))))
    const wanted = objects.filter((object) => object.apiVersion !== apiVersion && !this.#find(object, apiVersion))
    if (wanted.length === 0) return
    const answer = this.#convert(wanted, apiVersion).then((converted) => converted.forEach((each, i) => this.#keep(wanted[i]!, apiVersion, each)))
    // who waits for it asks again when it came to nothing
    const over = answer.catch(() => undefined).finally(() => wanted.forEach((object) => this.#open.get(object)?.delete(apiVersion)))
    for (const object of wanted) this.#open.set(object, (this.#open.get(object) ?? new Map<string, Promise<void>>()).set(apiVersion, over))
    await answer
  }

  /** What the converter says of an object now; not kept, so that `get` goes on to say what it said. */
  async anew(object: Readonly<KubeObject>, apiVersion: string): Promise<Readonly<KubeObject>> {
    return (await this.#convert([object], apiVersion))[0]!
  }

  #find(object: object, apiVersion: string): KubeObject | undefined {
    return this.#byObject.get(object)?.get(apiVersion) ?? (this.#byContent.size > 0 ? this.#byContent.get(contentKey(object, apiVersion)) : undefined)
  }

  #keep(object: object, apiVersion: string, answer: KubeObject): void {
    const versions = this.#byObject.get(object) ?? new Map<string, KubeObject>()
    this.#byObject.set(object, versions.set(apiVersion, answer))
    this.#byContent.set(contentKey(object, apiVersion), answer)
    if (this.#byContent.size <= mostRecent) return
    const [oldest] = this.#byContent.keys()
    this.#byContent.delete(oldest!)
  }
}

const contentKey = (object: object, apiVersion: string): string => `${apiVersion} ${JSON.stringify(object)}`
