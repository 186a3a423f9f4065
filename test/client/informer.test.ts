import { expect, test, vi } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import type { Client } from '../../src-main/client/client.ts'
import { Informer, type Seen } from '../../src-main/client/informer.ts'
import { configMap, type ConfigMap } from '../../src-main/kinds/core/config-map.ts'
import type { WatchEvent } from '../../src-main/kinds/meta.ts'
import { expired, unavailable } from '../../src-main/kinds/status-error.ts'

const object = (name: string, resourceVersion: string, uid = name): ConfigMap => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid, resourceVersion },
})

/** Answers list after list; each watch delivers its events, then throws, or stays open when there is no error. */
function scripted(lists: Array<{ items: ConfigMap[]; version: string }>, watches: Array<{ events: WatchEvent<ConfigMap>[]; error?: Error }>) {
  const calls: string[] = []
  const client = {
    async list() {
      calls.push('list')
      const next = lists.shift()
      if (!next) throw unavailable('no more lists')
      return { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: next.version }, items: next.items }
    },
    async *watch(_kind: unknown, options: { resourceVersion: string; signal: AbortSignal }) {
      calls.push(`watch ${options.resourceVersion}`)
      const next = watches.shift()
      yield* next?.events ?? []
      if (next?.error) throw next.error
      if (!next && !options.signal.aborted) await new Promise((resolve) => options.signal.addEventListener('abort', resolve))
    },
  } as unknown as Client
  return { client, calls }
}

function run(client: Client) {
  const informer = new Informer(configMap, client, {}, systemClock, silent)
  const abort = new AbortController()
  const seen: Seen<ConfigMap>[] = []
  informer.subscribe((change) => seen.push(change))
  const running = informer.run(abort.signal)
  const stop = () => (abort.abort(), running)
  return { informer, seen: () => seen.map((s) => `${s.type} ${s.object.metadata.name}@${s.object.metadata.resourceVersion}`), stop }
}

test('lists again after 410 and shows what happened in between as changes', async () => {
  const { client, calls } = scripted(
    [
      { items: [object('kept', '1'), object('changed', '2'), object('lost', '3')], version: '3' },
      { items: [object('kept', '1'), object('changed', '8'), object('new', '9')], version: '9' },
    ],
    [{ events: [], error: expired() }],
  )
  const { informer, seen, stop } = run(client)
  await informer.waitFor(9)
  expect(seen()).toEqual(['added kept@1', 'added changed@2', 'added lost@3', 'deleted lost@3', 'updated changed@8', 'added new@9'])
  await vi.waitFor(() => expect(calls).toEqual(['list', 'watch 3', 'list', 'watch 9']))
  await stop()
})

test('goes on from the last version, bookmarks included, when the server ends a watch', async () => {
  const { client, calls } = scripted(
    [{ items: [], version: '1' }],
    [{ events: [{ type: 'ADDED', object: object('a', '5') }, { type: 'BOOKMARK', object: object('', '7') }] }],
  )
  const { informer, seen, stop } = run(client)
  await vi.waitFor(() => expect(calls).toEqual(['list', 'watch 1', 'watch 7']))
  expect(seen()).toEqual(['added a@5'])
  await informer.waitFor(7)
  await stop()
})

test('shows an object that was made again under its name as deleted, then added', async () => {
  const { client } = scripted(
    [{ items: [object('a', '1', 'first')], version: '1' }, { items: [object('a', '6', 'second')], version: '6' }],
    [{ events: [], error: unavailable('gone for a moment') }],
  )
  const { informer, seen, stop } = run(client)
  await informer.waitFor(6)
  expect(seen()).toEqual(['added a@1', 'deleted a@1', 'added a@6'])
  await stop()
})

test('goes on with the other listeners when one throws', async () => {
  const { client } = scripted([{ items: [object('a', '1')], version: '1' }], [])
  const informer = new Informer(configMap, client, {}, systemClock, silent)
  const abort = new AbortController()
  const listener = vi.fn()
  informer.subscribe(() => { throw new Error('faulty') })
  informer.subscribe(listener)
  const running = informer.run(abort.signal)
  await informer.waitFor(1)
  expect(listener).toHaveBeenCalledOnce()
  abort.abort()
  await running
})

test('lets nobody wait longer than the signal', async () => {
  const { client } = scripted([], [])
  const informer = new Informer(configMap, client, {}, systemClock, silent)
  const abort = new AbortController()
  const waiting = informer.waitFor(3, abort.signal)
  abort.abort()
  await waiting
  await informer.waitFor(Number.NaN)
})
