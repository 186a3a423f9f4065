import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Told } from '../../src-main/api/verbs.ts'
import { behindLimit, EventLine, type Outlet, WatchQueue } from '../../src-main/api/watch-stream.ts'
import { configMap as configMapKind } from '../../src-main/kinds/core/config-map.ts'
import { eventually } from '../fixtures/eventually.ts'
import { context } from './registry-fixture.ts'
import { configMap, type Served, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'

interface Event { type: string; object: { kind: string; metadata: { name?: string; resourceVersion: string; annotations?: object }; rows?: unknown[]; columnDefinitions?: unknown[] | null; code?: number } }

function watch({ port, ca, token }: Served, query: string, accept = 'application/json'): Promise<{ events: Event[]; ended: () => boolean }> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, ca: ca.cert, path: `${maps}?watch=true&${query}`, headers: { authorization: `Bearer ${token}`, accept } }, (res) => {
      const events: Event[] = []
      let ended = false
      createInterface(res).on('line', (line) => events.push(JSON.parse(line) as Event)).on('error', () => undefined)
      res.on('end', () => (ended = true)).on('error', () => (ended = true))
      resolve({ events, ended: () => ended })
    })
    req.on('error', reject)
    req.end()
    onTestFinished(() => void req.destroy())
  })
}

const create = (to: Served, name: string) => to.call(maps, { method: 'POST', body: configMap(name) })

describe('a watch', () => {
  it('begins with what is there, goes on live, and marks progress when asked', async () => {
    const server = await served()
    await create(server, 'a')
    const { events, ended } = await watch(server, 'allowWatchBookmarks=true&timeoutSeconds=90')
    await create(server, 'b')
    await server.call(`${maps}/a`, { method: 'DELETE' })
    await eventually('what was there, its end, and two changes', () => events.length === 4)
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'BOOKMARK undefined', 'ADDED b', 'DELETED a'])
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    server.clock.advance(61_000)
    await eventually('a bookmark', () => events.length === 5)
    expect(events[4]).toEqual({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: String(server.store.revision) } } })
    server.clock.advance(30_000)
    await eventually('the timeout', ended)
  })

  it('marks the end of a streaming list', async () => {
    const server = await served()
    await create(server, 'a')
    const { events } = await watch(server, 'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan')
    await eventually('the list', () => events.length === 2)
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  })

  it('sends tables whose columns are told once', async () => {
    const server = await served()
    const { events } = await watch(server, '', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json')
    await create(server, 'a')
    await create(server, 'b')
    await eventually('two tables', () => events.length === 2)
    expect(events.map(({ object }) => [object.kind, object.rows?.length, object.columnDefinitions && object.columnDefinitions.length])).toEqual([['Table', 1, 3], ['Table', 1, null]])
  })

  it('says inside the stream that a version is too old', async () => {
    const server = await served()
    await create(server, 'a')
    await create(server, 'b')
    await server.store.compact(server.store.revision)
    const { events, ended } = await watch(server, 'resourceVersion=1')
    await eventually('the end', ended)
    expect(events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410 } }])
  })

  it('is the same stream over a WebSocket, a frame an event', async () => {
    const server = await served()
    await create(server, 'a')
    // a browser can send no headers: its token is a subprotocol beside one that is really spoken
    const protocols = [`base64url.bearer.authorization.k8s.io.${Buffer.from(server.token).toString('base64url')}`, 'watch']
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${maps}?watch=true`, protocols, { ca: server.ca.cert })
    onTestFinished(() => socket.terminate())
    const events: Event[] = []
    socket.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as Event))
    await eventually('the state', () => events.length === 1)
    await create(server, 'b')
    await eventually('a change', () => events.length === 2)
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual(['ADDED a', 'ADDED b'])
    expect(socket.protocol).toBe('watch')
  })

  it('that is cut off because nobody reads is counted', async () => {
    let tell: ((told: Told) => void) | undefined
    const server = await served({ wrap: (verbs) => ({ ...verbs, watch: (kind, asked, told, ended) => verbs.watch(kind, asked, (tell = told), ended) }) })
    const { ended } = await watch(server, '')
    const item = await server.verbs.create(configMapKind, 'default', configMap('a'), context())
    for (let i = 0; i < behindLimit.events * 2; i++) tell?.({ type: 'MODIFIED', item })
    await eventually('the end', ended)
    expect((await server.call('/metrics')).text).toContain('\napiserver_terminated_watchers_total{group="",resource="configmaps"} 1\n')
  })

  it('refuses an upgrade with a wrong token before it begins', async () => {
    const server = await served()
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${maps}?watch=true`, { ca: server.ca.cert, headers: { authorization: 'Bearer wrong' } })
    const code = await new Promise((resolve) => socket.on('unexpected-response', (_req, res) => resolve(res.statusCode)).on('error', () => undefined))
    expect(code).toBe(401)
  })
})

describe('the queue of a watcher', () => {
  const outlet = (accepts: boolean) => {
    const seen = { written: [] as string[], destroyed: false, ended: false }
    const made: Outlet = {
      write: (events) => {
        seen.written.push(...events.map(String))
        return accepts
      },
      end: () => (seen.ended = true),
      destroy: () => (seen.destroyed = true),
    }
    return { seen, made }
  }
  const tick = () => new Promise((resolve) => setImmediate(resolve))

  it('cuts off a watcher that stopped reading, and lets one go on that had much to begin with', async () => {
    const { seen, made } = outlet(false)
    let closed = 0
    const queue = new WatchQueue(made, () => closed++)
    for (let i = 0; i < behindLimit.events * 2; i++) queue.push(Buffer.from('x'.repeat(100)))
    queue.began()
    await tick()
    expect(seen.destroyed).toBe(false)
    for (let i = 0; i < behindLimit.events * 2; i++) queue.push(Buffer.from('y'))
    await tick()
    expect([seen.destroyed, closed]).toEqual([true, 1])
  })

  it('waits for the client and keeps the order', async () => {
    const { seen, made } = outlet(false)
    const queue = new WatchQueue(made, () => undefined)
    queue.began()
    queue.push(Buffer.from('1'))
    await tick()
    queue.push(Buffer.from('2'))
    queue.push(Buffer.from('3'))
    await tick()
    expect(seen.written).toEqual(['1'])
    queue.drained()
    queue.end()
    expect([seen.written, seen.ended]).toEqual([['1', '2', '3'], true])
  })
})

describe('events that are still being written', () => {
  it('hold back those behind them, and whoever waits for all of them', async () => {
    const passed: string[] = []
    const failed: unknown[] = []
    const line = new EventLine((event) => passed.push(event.toString()), (error) => failed.push(error))
    const slow = Promise.withResolvers<Buffer>()
    line.push(Buffer.from('a'))
    expect(passed).toEqual(['a'])
    line.push(slow.promise)
    line.push(Buffer.from('c'))
    line.then(() => void passed.push('end'))
    expect(passed).toEqual(['a'])
    slow.resolve(Buffer.from('b'))
    await eventually('all of them', () => passed.length === 4)
    expect(passed).toEqual(['a', 'b', 'c', 'end'])
    line.push(Promise.reject(new Error('nobody can write it')))
    await eventually('the failure', () => failed.length === 1)
    line.push(Buffer.from('d'))
    await eventually('what follows', () => passed.at(-1) === 'd')
  })
})
