import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Status } from '../kinds/generated/types.ts'
import type { Wanted } from './negotiate.ts'
import { partialObject, tableJson, type IncludeObject } from './table.ts'
import type { Encoded, Told } from './verbs.ts'

/** Where the events of one watch go: HTTP chunks, or WebSocket frames. */
export interface Outlet {
  /** Sends events, a line each; false asks to wait for `drained`. */
  write(events: readonly Buffer[]): boolean
  end(): void
  /** Cuts the connection. */
  destroy(): void
}

/** How far a watcher may fall behind before it is cut off, beyond what was there when it began. */
export const behindLimit = { events: 10_000, bytes: 16 * 1024 * 1024 }
const atOnceBytes = 256 * 1024

/**
 * The queue between the store and one watcher. Holds the events the client has not taken yet (the bytes are shared with
 * everybody else, so that waiting costs little), and cuts off a client that stopped reading: nobody else waits for it.
 */
export class WatchQueue {
  readonly #outlet: Outlet
  readonly #onClose: () => void
  #events: Buffer[] = []
  #bytes = 0
  #blocked = false
  #scheduled = false
  #closed = false
  #grace: { events: number; bytes: number } | undefined = { events: Infinity, bytes: Infinity }

  /** `onClose` is called once, however the watch ends. */
  constructor(outlet: Outlet, onClose: () => void) {
    this.#outlet = outlet
    this.#onClose = onClose
  }

  /** The state that the watch began with is queued: from now on the client must keep up. */
  began(): void {
    this.#grace = { events: this.#events.length, bytes: this.#bytes }
  }

  push(event: Buffer): void {
    if (this.#closed) return
    this.#events.push(event)
    this.#bytes += event.length
    const grace = this.#grace ?? { events: 0, bytes: 0 }
    if (this.#events.length > grace.events + behindLimit.events || this.#bytes > grace.bytes + behindLimit.bytes) {
      this.#outlet.destroy()
      this.close()
      return
    }
    if (this.#scheduled || this.#blocked) return
    this.#scheduled = true
    // events of one commit are told in one tick: they leave as one write
    queueMicrotask(() => {
      this.#scheduled = false
      this.#pump()
    })
  }

  drained(): void {
    this.#blocked = false
    this.#pump()
  }

  /** Sends what is queued, then ends the stream. */
  end(): void {
    if (this.#closed) return
    if (this.#events.length > 0) this.#outlet.write(this.#events)
    this.#outlet.end()
    this.close()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#events = []
    this.#bytes = 0
    this.#onClose()
  }

  #pump(): void {
    while (!this.#closed && !this.#blocked && this.#events.length > 0) {
      let count = 0
      let size = 0
      while (count < this.#events.length && size < atOnceBytes) size += this.#events[count++]!.length
      const batch = this.#events.splice(0, count)
      this.#bytes -= size
      this.#blocked = !this.#outlet.write(batch)
    }
    if (this.#events.length === 0 && this.#grace?.events !== Infinity) this.#grace = undefined
  }
}

export function httpOutlet(res: ServerResponse): Outlet {
  return {
    write: (events) => res.write(events.length === 1 ? events[0]! : Buffer.concat(events)),
    end: () => res.end(),
    destroy: () => res.destroy(),
  }
}

/** One text frame an event. */
export function webSocketOutlet(socket: WebSocket, drained: () => void): Outlet {
  return {
    write(events) {
      events.forEach((event, index) => {
        const last = index === events.length - 1
        socket.send(event.subarray(0, event.length - 1), { binary: false }, last ? () => drained() : undefined)
      })
      return false
    },
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
  }
}

const cached = new WeakMap<Encoded, Map<string, Buffer>>()
const newline = Buffer.from('}\n')

/** `{"type":"ADDED","object":...}` and a newline, made once for all watchers of the change. */
function eventBytes(type: string, item: Encoded): Buffer {
  let types = cached.get(item)
  if (!types) cached.set(item, (types = new Map()))
  let event = types.get(type)
  if (!event) types.set(type, (event = wrap(type, item.bytes)))
  return event
}

const wrap = (type: string, object: Buffer): Buffer => Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, newline])

export const errorEvent = (status: Status): Buffer => wrap('ERROR', Buffer.from(JSON.stringify(status)))

export interface EventForm {
  readonly kind: AnyKind
  readonly wanted: Wanted
  readonly includeObject: IncludeObject
  readonly bookmarks: boolean
  readonly clock: Clock
}

/** Turns what the verbs tell into the events this client asked for; undefined for a bookmark it did not ask for. */
export function eventEncoder({ kind, wanted, includeObject, bookmarks, clock }: EventForm): (told: Told) => Buffer | undefined {
  let first = true
  const table = (items: readonly Encoded[], metadata: object): Buffer => {
    const definitions = first
    first = false
    const json = tableJson(kind, items, metadata, { includeObject, now: clock.now(), definitions })
    return json.subarray(0, json.length - 1)
  }
  return (told) => {
    if (told.type === 'BOOKMARK') {
      if (!bookmarks) return undefined
      const metadata = bookmarkMetadata(told.resourceVersion, told.initialEventsEnd)
      if (wanted.as === 'Table') return wrap('BOOKMARK', table([], metadata))
      const type = wanted.as ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } : { kind: kind.kind, apiVersion: kind.apiVersion }
      return wrap('BOOKMARK', Buffer.from(JSON.stringify({ ...type, metadata })))
    }
    const { type, item } = told
    if (wanted.as === 'Table') return wrap(type, table([item], { resourceVersion: item.object.metadata.resourceVersion }))
    return wanted.as ? wrap(type, Buffer.from(JSON.stringify(partialObject(item.object)))) : eventBytes(type, item)
  }
}

const bookmarkMetadata = (resourceVersion: string, initialEventsEnd: boolean | undefined) => ({
  resourceVersion,
  creationTimestamp: null,
  ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
})
