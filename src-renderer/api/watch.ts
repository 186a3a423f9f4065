import type { KubeObject, ObjectList, WatchEvent } from '../../src-main/kinds/meta.ts'

/** The part of a WebSocket that a watch needs. */
export interface WatchSocket {
  onopen: (() => void) | null
  onmessage: ((message: { data: string }) => void) | null
  onclose: (() => void) | null
  close(): void
}

export type WatchState = 'connecting' | 'live' | 'retrying'

export interface WatchSource<T> {
  list(signal: AbortSignal): Promise<ObjectList<T>>
  open(resourceVersion: string): WatchSocket
}

export interface WatchSink<T> {
  /** The whole list; whatever was known before and is not in it is gone. */
  replaced(items: T[]): void
  changed(event: WatchEvent<T>): void
  /** `retryMs` until the next attempt, and why the last one ended. */
  state(state: WatchState, retryMs?: number, error?: unknown): void
}

/** Runs `fn` once, later; returns what cancels it. */
export type Later = (fn: () => void, ms: number) => () => void

const later: Later = (fn, ms) => {
  const timer = setTimeout(fn, ms)
  return () => clearTimeout(timer)
}

export const firstRetryMs = 500
export const lastRetryMs = 15_000

/**
 * Keeps `sink` equal to a list on the server: lists, then watches from that version. A lost connection resumes from
 * the last version seen; a version too old, or a server that keeps refusing, is listed again. Returns what stops it.
 */
export function watchList<T extends KubeObject>(source: WatchSource<T>, sink: WatchSink<T>, schedule: Later = later): () => void {
  const abort = new AbortController()
  let socket: WatchSocket | undefined
  let cancelRetry: (() => void) | undefined
  let failures = 0
  /** The last thing heard was 410: a second one in a row must not become a busy loop. */
  let stale = false

  const retry = (next: () => void, error?: unknown) => {
    const ms = Math.min(lastRetryMs, firstRetryMs * 2 ** failures++)
    sink.state('retrying', ms, error)
    cancelRetry = schedule(next, ms)
  }

  async function relist(): Promise<void> {
    sink.state('connecting')
    try {
      const list = await source.list(abort.signal)
      if (abort.signal.aborted) return
      sink.replaced(list.items)
      follow(list.metadata.resourceVersion)
    } catch (error) {
      if (!abort.signal.aborted) retry(relist, error)
    }
  }

  function expired(status: { code?: number }): void {
    const atOnce = status.code === 410 && !stale
    stale = status.code === 410
    if (atOnce) void relist()
    else retry(relist, status)
  }

  function follow(from: string): void {
    let version = from
    let opened = false
    let ended = false
    const mine = source.open(version)
    socket = mine
    const end = (next: () => void) => {
      if (ended || abort.signal.aborted) return
      ended = true
      mine.close()
      next()
    }
    mine.onopen = () => {
      opened = true
      sink.state('live')
    }
    mine.onmessage = ({ data }) => {
      if (ended || abort.signal.aborted) return
      const event = JSON.parse(data) as WatchEvent<T> | { type: 'ERROR'; object: { code?: number; message?: string } }
      if (event.type === 'ERROR') return end(() => expired(event.object))
      failures = 0
      stale = false
      version = event.object.metadata.resourceVersion ?? version
      if (event.type !== 'BOOKMARK') sink.changed(event)
    }
    // refused before it opened: the version may be too old, and a browser does not tell why
    mine.onclose = () => end(() => retry(() => (opened ? follow(version) : void relist())))
  }

  void relist()
  return () => {
    abort.abort()
    cancelRetry?.()
    socket?.close()
  }
}

