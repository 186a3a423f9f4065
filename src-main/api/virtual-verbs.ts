import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { methodNotAllowed, notFound } from '../kinds/status-error.ts'
import { selectionOf } from './selection.ts'
import type { Encoded, Listed, ListRequest, Told, WatchHandle, WatchRequest } from './verbs.ts'
import type { VirtualProvider } from './virtual.ts'

/**
 * The reading verbs over kinds that are computed. They have no history: a watch starts with what is there. Versions only
 * grow, so that an informer notices every change.
 */
export class VirtualVerbs {
  #version: number

  /** `version`: larger than any given before, also by an earlier process. */
  constructor(version: number) {
    this.#version = version
  }

  async get(provider: VirtualProvider, { name, namespace }: ObjectRef): Promise<Encoded> {
    const object = await provider.get(name, namespace)
    if (!object) throw notFound(provider.kind, name)
    return this.#encode(object)
  }

  async list(provider: VirtualProvider, request: ListRequest): Promise<Listed> {
    const selection = selectionOf(provider.kind, request)
    const objects = await provider.list(request.namespace)
    const items = (selection ? objects.filter(selection) : objects).map((object) => this.#encode(object))
    return { resourceVersion: String(++this.#version), items }
  }

  async watch(provider: VirtualProvider, request: WatchRequest, tell: (told: Told) => void): Promise<WatchHandle> {
    if (!provider.subscribe) throw methodNotAllowed()
    const selection = selectionOf(provider.kind, request)
    const waiting: Told[] = []
    let listed = false
    let open = true
    const say = (told: Told): void => {
      if (!listed) waiting.push(told)
      else if (open) tell(told)
    }
    const unsubscribe = provider.subscribe((type, object) => {
      if (request.namespace && object.metadata.namespace !== request.namespace) return
      if (!selection || selection(object)) say({ type, item: this.#encode(object) })
    })
    const objects = await provider.list(request.namespace)
    for (const object of objects)
      if (!selection || selection(object)) tell({ type: 'ADDED', item: this.#encode(object) })
    if (request.sendInitialEvents)
      tell({ type: 'BOOKMARK', resourceVersion: String(++this.#version), initialEventsEnd: true })
    listed = true
    for (const told of waiting) tell(told)
    return {
      close() {
        open = false
        unsubscribe()
      },
    }
  }

  #encode(object: KubeObject): Encoded {
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    return { object: stamped, bytes: Buffer.from(JSON.stringify(stamped)) }
  }
}
