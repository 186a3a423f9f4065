import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Status } from '../kinds/generated/types.ts'
import type { StreamCodec } from './codec.ts'
import { partialDefinition, statusDefinition } from './forms.ts'
import type { Wanted } from './negotiate.ts'
import { partialObject, tableJson, type IncludeObject } from './table.ts'
import type { Encoded, Told } from './verbs.ts'

/** Where the events of one watch go: HTTP chunks, or WebSocket frames. */
export interface Outlet {
  /** Sends events; false asks to wait for `drained`. */
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

/** One frame an event. */
export function webSocketOutlet(socket: WebSocket, codec: StreamCodec, drained: () => void): Outlet {
  return {
    write(events) {
      events.forEach((event, index) => {
        const last = index === events.length - 1
        const { data, binary } = codec.alone(event)
        socket.send(data, { binary }, last ? () => drained() : undefined)
      })
      return false
    },
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
  }
}

export const errorEvent = (status: Status, codec: StreamCodec): Buffer | Promise<Buffer> => codec.event('ERROR', { object: status }, statusDefinition)

export interface EventForm {
  readonly kind: AnyKind
  readonly wanted: Wanted
  readonly codec: StreamCodec
  readonly includeObject: IncludeObject
  readonly bookmarks: boolean
  readonly clock: Clock
  /** Of a table's columns. */
  readonly descriptions?: readonly string[] | undefined
}

/** Passes events on in the order in which they come, also where some are still being written. */
export class EventLine {
  readonly #pass: (event: Buffer) => void
  readonly #failed: (error: unknown) => void
  #last: Promise<void> | undefined

  /** `failed` is told when one could not be written. */
  constructor(pass: (event: Buffer) => void, failed: (error: unknown) => void) {
    this.#pass = pass
    this.#failed = failed
  }

  push(event: Buffer | Promise<Buffer>): void {
    if (Buffer.isBuffer(event) && !this.#last) this.#pass(event)
    else this.then(async () => this.#pass(await event))
  }

  /** Does something when all have been passed on. */
  then(act: () => void | Promise<void>): void {
    const done = this.#last ? this.#last.then(act) : act()
    if (!done) return
    const mine = done.catch(this.#failed).then(() => {
      if (this.#last === mine) this.#last = undefined
    })
    this.#last = mine
  }
}

/** Turns what the verbs tell into the events this client asked for; undefined for a bookmark it did not ask for. */
export function eventEncoder({ kind, wanted, codec, includeObject, bookmarks, clock, descriptions = [] }: EventForm): (told: Told) => Buffer | Promise<Buffer> | undefined {
  const { as, apiVersion } = wanted
  let first = true
  const table = (type: string, items: readonly Encoded[], metadata: object): Buffer => {
    if (!codec.json) throw new TypeError(`no table is sent as ${codec.mediaType}`)
    const definitions = first
    first = false
    const json = tableJson(kind, items, metadata, { includeObject, now: clock.now(), definitions, descriptions, apiVersion })
    return codec.json(type, json.subarray(0, json.length - 1))
  }
  const definition = as === undefined ? kind.schema : partialDefinition
  return (told) => {
    if (told.type === 'BOOKMARK') {
      if (!bookmarks) return undefined
      const metadata = bookmarkMetadata(told.resourceVersion, told.initialEventsEnd)
      const object = { kind: kind.kind, apiVersion: kind.apiVersion, metadata }
      if (as === 'Table') return table('BOOKMARK', [{ object, bytes: Buffer.from(JSON.stringify(object)) }], { resourceVersion: told.resourceVersion })
      return codec.event('BOOKMARK', { object: as === undefined ? object : partialObject(object, apiVersion) }, definition)
    }
    const { type, item } = told
    if (as === 'Table') return table(type, [item], { resourceVersion: item.object.metadata.resourceVersion })
    return codec.event(type, as === undefined ? item : { object: partialObject(item.object, apiVersion) }, definition)
  }
}

const bookmarkMetadata = (resourceVersion: string, initialEventsEnd: boolean | undefined) => ({
  resourceVersion,
  ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
})
