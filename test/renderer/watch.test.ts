import { describe, expect, it } from 'vitest'
import type { KubeObject, ObjectList, WatchEvent } from '../../src-main/kinds/meta.ts'
import { ApiError } from '../../src-renderer/api/errors.ts'
import { firstRetryMs, lastRetryMs, watchList, type WatchSocket, type WatchState } from '../../src-renderer/api/watch.ts'

const object = (name: string, resourceVersion: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, resourceVersion } })

/** A server whose lists and sockets the test hands out, and a clock that runs only when told. */
function stage(lists: Array<ObjectList<KubeObject> | Error>) {
  const sockets: Array<WatchSocket & { from: string; closed: boolean }> = []
  const seen: string[] = []
  const states: Array<[WatchState, number | undefined]> = []
  const timers: Array<{ fn: () => void; ms: number; cancelled: boolean }> = []
  let listed = 0
  const stop = watchList<KubeObject>(
    {
      list: async () => {
        const answer = lists[Math.min(listed++, lists.length - 1)]
        if (answer instanceof Error || !answer) throw answer
        return answer
      },
      open: (from) => {
        const socket = { from, closed: false, onopen: null, onmessage: null, onclose: null, close: () => (socket.closed = true) } as WatchSocket & { from: string; closed: boolean }
        sockets.push(socket)
        return socket
      },
    },
    {
      replaced: (items) => seen.push(`= ${items.map((o) => o.metadata.name).join(' ')}`),
      changed: ({ type, object: changed }) => seen.push(`${type} ${changed.metadata.name}`),
      state: (state, ms) => states.push([state, ms]),
    },
    (fn, ms) => {
      const timer = { fn, ms, cancelled: false }
      timers.push(timer)
      return () => (timer.cancelled = true)
    },
  )
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const send = (event: WatchEvent | { type: 'ERROR'; object: object }, socket = sockets.at(-1)) => socket?.onmessage?.({ data: JSON.stringify(event) })
  const tick = async () => {
    const timer = timers.at(-1)
    if (timer && !timer.cancelled) timer.fn()
    await settled()
  }
  return { sockets, seen, states, timers, stop, settled, send, tick, listings: () => listed }
}

const list = (resourceVersion: string, ...names: string[]): ObjectList<KubeObject> => ({
  apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion }, items: names.map((name) => object(name, resourceVersion)),
})

describe('a watched list', () => {
  it('shows the list first, then every change in the order in which the cluster sent it', async () => {
    const s = stage([list('10', 'a', 'b')])
    await s.settled()
    s.sockets[0]?.onopen?.()
    s.send({ type: 'ADDED', object: object('c', '11') })
    s.send({ type: 'MODIFIED', object: object('a', '12') })
    s.send({ type: 'DELETED', object: object('b', '13') })
    expect(s.sockets[0]?.from).toBe('10')
    expect(s.seen).toEqual(['= a b', 'ADDED c', 'MODIFIED a', 'DELETED b'])
    expect(s.states.map(([state]) => state)).toEqual(['connecting', 'live'])
  })

  it('resumes a lost connection from the last version seen, bookmarks included, without listing again', async () => {
    const s = stage([list('10')])
    await s.settled()
    s.sockets[0]?.onopen?.()
    s.send({ type: 'ADDED', object: object('a', '15') })
    s.send({ type: 'BOOKMARK', object: object('', '20') })
    s.sockets[0]?.onclose?.()
    expect(s.states.at(-1)).toEqual(['retrying', firstRetryMs])
    await s.tick()
    expect(s.sockets[1]?.from).toBe('20')
    expect(s.listings()).toBe(1)
    expect(s.seen).toEqual(['= ', 'ADDED a'])
  })

  it('lists again at once when the version is too old (410), and drops what is gone', async () => {
    const s = stage([list('10', 'a'), list('99', 'z')])
    await s.settled()
    s.sockets[0]?.onopen?.()
    s.send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    await s.settled()
    expect(s.seen).toEqual(['= a', '= z'])
    expect(s.sockets[1]?.from).toBe('99')
    expect(s.timers).toHaveLength(0)
  })

  it('pauses when a fresh list is too old as well, instead of asking in a circle', async () => {
    const s = stage([list('10')])
    await s.settled()
    const gone = { type: 'ERROR' as const, object: { kind: 'Status', code: 410 } }
    s.send(gone)
    await s.settled()
    s.send(gone)
    await s.settled()
    expect(s.listings()).toBe(2)
    expect(s.timers.map((t) => t.ms)).toEqual([firstRetryMs])
    await s.tick()
    expect(s.listings()).toBe(3)
  })

  it('lists again after a pause when a watch is refused before it opens', async () => {
    const s = stage([list('10', 'a'), list('30', 'b')])
    await s.settled()
    s.sockets[0]?.onclose?.()
    expect(s.listings()).toBe(1)
    await s.tick()
    expect(s.seen).toEqual(['= a', '= b'])
  })

  it('waits twice as long after each failure, up to a bound, and starts over once something arrives', async () => {
    const s = stage([new ApiError({ code: 0, message: 'no answer' })])
    await s.settled()
    for (let i = 0; i < 8; i++) await s.tick()
    const waits = s.timers.map((t) => t.ms)
    expect(waits.slice(0, 3)).toEqual([firstRetryMs, firstRetryMs * 2, firstRetryMs * 4])
    expect(waits.at(-1)).toBe(lastRetryMs)
  })

  it('ignores what an abandoned connection still says', async () => {
    const s = stage([list('10')])
    await s.settled()
    const old = s.sockets[0]
    old?.onopen?.()
    old?.onclose?.()
    await s.tick()
    s.send({ type: 'ADDED', object: object('ghost', '11') }, old)
    old?.onclose?.()
    expect(s.seen).toEqual(['= '])
    expect(s.sockets).toHaveLength(2)
  })

  it('asks for nothing more once stopped', async () => {
    const s = stage([list('10')])
    await s.settled()
    s.stop()
    s.sockets[0]?.onclose?.()
    await s.settled()
    expect(s.sockets[0]?.closed).toBe(true)
    expect(s.timers).toHaveLength(0)
  })
})
