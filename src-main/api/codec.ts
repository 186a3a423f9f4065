import type { Typed } from './protobuf-encode.ts'

/** One piece or several, to be sent after one another. */
export type Body = Buffer | readonly Buffer[]

/** An object to send; its bytes are its JSON, where that is at hand. */
export interface Item {
  readonly object: Typed
  readonly bytes?: Buffer
}

export interface ItemList extends Typed {
  readonly metadata: object
  /** What every item is, where the list alone says so: as Kubernetes writes lists of its own kinds. */
  readonly untyped?: Typed
  /** It is kept as a map is, by its names. */
  readonly asMap?: boolean
  /** That there are no items is said by null: nobody has made a list of them. */
  readonly noneIsNull?: boolean
  readonly items: readonly Item[]
}

/**
 * One form of answers. A `definition` names the structure of an object, for forms that need to know it; what is asked for
 * is what `negotiate` found that the endpoint can answer.
 */
export interface Codec {
  readonly mediaType: string
  object(item: Item, definition: string): Body | Promise<Body>
  /** `definition` is that of the items. */
  list(list: ItemList, definition: string): Body | Promise<Body>
  /** Of what is JSON by nature, such as a table. Absent where that has no form. */
  readonly json?: (json: Buffer) => Body | Promise<Body>
  /** Absent where there are no watches in this form. */
  readonly stream?: StreamCodec
}

/** The events of a watch, each ready to be sent behind the one before. */
export interface StreamCodec {
  readonly mediaType: string
  event(type: string, item: Item, definition: string): Buffer | Promise<Buffer>
  readonly json?: (type: string, json: Buffer) => Buffer
  /** An event as a message of its own: without what parts it from the next one. */
  alone(event: Buffer): { readonly data: Buffer; readonly binary: boolean }
}

/** Made once for all watchers of a change. */
export function shared(make: StreamCodec['event']): StreamCodec['event'] {
  const made = new WeakMap<Item, Map<string, Buffer | Promise<Buffer>>>()
  return (type, item, definition) => {
    let types = made.get(item)
    if (!types) made.set(item, (types = new Map()))
    let event = types.get(type)
    if (!event) types.set(type, (event = make(type, item, definition)))
    return event
  }
}
