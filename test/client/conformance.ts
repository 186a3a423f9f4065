import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import { Informer, type Seen } from '../../src-main/client/informer.ts'
import { configMap, type ConfigMap } from '../../src-main/kinds/core/config-map.ts'
import { node, type Node } from '../../src-main/kinds/core/node.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import type { WatchEvent } from '../../src-main/kinds/meta.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'

export interface Subject {
  readonly client: Client
  /** Forgets the history of what has changed so far, so that older watches are answered 410. */
  compact(): Promise<void>
  close(): Promise<void>
}

const deadline = { timeout: 5000, interval: 5 }

/** What every client must do against a real registry and store, which `open` starts empty but for the namespace `default`. */
export function describeClient(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    let client: Client
    beforeAll(async () => {
      subject = await open()
      client = subject.client
    })
    afterAll(() => subject.close())

    const settings = (label: string, data?: Record<string, string>): Omit<ConfigMap, 'apiVersion' | 'kind'> => ({
      metadata: { name: label, namespace: 'default', labels: { suite: label } },
      data,
    })
    const at = (label: string) => ({ namespace: 'default', name: label })
    const named = (events: WatchEvent<ConfigMap>[]) => events.map((e) => `${e.type} ${e.object.metadata.name} ${e.object.data?.a ?? ''}`)

    test('creates with apiVersion and kind filled in, and gets what it created', async () => {
      const created = await client.create(configMap, settings('create', { a: '1' }))
      expect(created).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } })
      expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
      expect(await client.get(configMap, at('create'))).toEqual(created)
    })

    test('keeps nothing of the object it was given', async () => {
      const mine = settings('mine', { a: '1' })
      await client.create(configMap, mine)
      mine.data!.a = 'changed by the caller'
      expect((await client.get(configMap, at('mine'))).data).toEqual({ a: '1' })
      expect(mine).not.toHaveProperty('kind')
      expect(mine.metadata).not.toHaveProperty('uid')
    })

    test('rejects with the Status the server made', async () => {
      await client.create(configMap, settings('twice'))
      const failures: Array<[Promise<unknown>, number, string, string]> = [
        [client.get(configMap, at('nobody')), 404, 'NotFound', 'configmaps "nobody" not found'],
        [client.create(configMap, settings('twice')), 409, 'AlreadyExists', 'configmaps "twice" already exists'],
        [client.delete(configMap, at('nobody')), 404, 'NotFound', 'configmaps "nobody" not found'],
      ]
      for (const [attempt, code, reason, message] of failures) {
        const error = await attempt.then(() => undefined, (e: unknown) => e)
        expect(error).toBeInstanceOf(StatusError)
        expect(error).toMatchObject({ code, reason, message })
      }
    })

    test('lists by label, with a version to watch from', async () => {
      await client.create(configMap, settings('listed-a'))
      await client.create(configMap, settings('listed-b'))
      const list = await client.list(configMap, { namespace: 'default', labelSelector: 'suite in (listed-a, listed-b)' })
      expect(list.items.map((c) => c.metadata.name)).toEqual(['listed-a', 'listed-b'])
      expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
      expect(list).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMapList' })
      expect(Number(list.metadata.resourceVersion)).toBeGreaterThan(0)
      const one = await client.list(configMap, { fieldSelector: 'metadata.name=listed-b' })
      expect(one.items.map((c) => c.metadata.name)).toEqual(['listed-b'])
    })

    test('lists in pages of one snapshot', async () => {
      const labelSelector = 'suite in (page-a, page-b, page-c)'
      for (const label of ['page-a', 'page-b', 'page-c']) await client.create(configMap, settings(label))
      const first = await client.list(configMap, { labelSelector, limit: 2 })
      expect(first.items).toHaveLength(2)
      const rest = await client.list(configMap, { labelSelector, limit: 2, continue: first.metadata.continue })
      expect(rest.items.map((c) => c.metadata.name)).toEqual(['page-c'])
      expect(rest.metadata.continue ?? '').toBe('')
    })

    test('answers a selector that is none with 400', async () => {
      await expect(client.list(configMap, { labelSelector: '((' })).rejects.toMatchObject({ code: 400, reason: 'BadRequest' })
    })

    test('updates, and refuses an update of a version that is past', async () => {
      const first = await client.create(configMap, settings('update', { a: '1' }))
      const second = await client.update(configMap, { ...first, data: { a: '2' } })
      expect(second.data).toEqual({ a: '2' })
      await expect(client.update(configMap, { ...first, data: { a: '3' } })).rejects.toMatchObject({ code: 409, reason: 'Conflict' })
    })

    test('does not change an object of the cache that an update shares parts with', async () => {
      const created = await client.create(pod, aPod('shared'))
      const before = structuredClone(await client.get(pod, at('shared')))
      await client.update(pod, { ...created, metadata: { ...created.metadata, labels: { a: 'b' } } })
      expect({ ...created, metadata: { ...created.metadata, managedFields: before.metadata.managedFields } }).toEqual(before)
      await client.delete(pod, at('shared'), { gracePeriodSeconds: 0 })
    })

    test('writes status alone with updateStatus', async () => {
      const created = await client.create(node, { metadata: { name: 'machine' }, spec: { podCIDR: '10.1.0.0/24' } } as Node)
      const conditions = [{ type: 'Ready', status: 'True' }]
      const updated = await client.updateStatus(node, { ...created, spec: { unschedulable: true }, status: { conditions } } as Node)
      expect(updated.spec?.unschedulable).toBeUndefined()
      expect(updated.status?.conditions).toMatchObject(conditions)
    })

    test('patches by merge, JSON and strategic merge, and a subresource', async () => {
      await client.create(pod, aPod('patched'))
      await client.patch(pod, at('patched'), { type: 'merge', body: { metadata: { labels: { by: 'merge' } } } })
      await client.patch(pod, at('patched'), { type: 'json', body: [{ op: 'add', path: '/metadata/annotations', value: { by: 'json' } }] })
      const containers = [{ name: 'main', image: 'busybox:2' }]
      const after = await client.patch(pod, at('patched'), { type: 'strategic', body: { spec: { containers } } })
      expect(after.metadata).toMatchObject({ labels: { by: 'merge' }, annotations: { by: 'json' } })
      expect(after.spec?.containers).toMatchObject([{ name: 'main', image: 'busybox:2', command: ['sleep', '1'] }])
      const body = { status: { phase: 'Running', message: 'patched' } }
      const running = await client.patch(pod, at('patched'), { type: 'strategic', body }, { subresource: 'status' })
      expect(running.status).toMatchObject({ phase: 'Running', message: 'patched' })
      await client.delete(pod, at('patched'), { gracePeriodSeconds: 0 })
    })

    test('deletes only what the precondition means', async () => {
      await client.create(configMap, settings('doomed'))
      const wrong = client.delete(configMap, at('doomed'), { preconditions: { uid: 'somebody-else' } })
      await expect(wrong).rejects.toMatchObject({ code: 409, reason: 'Conflict' })
      const gone = await client.delete(configMap, at('doomed'))
      expect(gone).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'doomed', namespace: 'default' } })
      await expect(client.get(configMap, at('doomed'))).rejects.toMatchObject({ code: 404 })
    })

    test('posts to a subresource and resolves with the answer', async () => {
      await client.create(pod, aPod('bound'))
      const target = { apiVersion: 'v1', kind: 'Node', name: 'machine' }
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'bound', namespace: 'default' }, target }
      const answer = await client.createSubresource(pod, at('bound'), 'binding', binding)
      expect(answer).toMatchObject({ kind: 'Status', status: 'Success', code: 201 })
      expect((await client.get(pod, at('bound'))).spec?.nodeName).toBe('machine')
      await client.delete(pod, at('bound'), { gracePeriodSeconds: 0 })
    })

    test('watches in order from a version, only what the selector means, until the signal aborts', async () => {
      const { metadata } = await client.list(configMap)
      const abort = new AbortController()
      const events: WatchEvent<ConfigMap>[] = []
      const labelSelector = 'suite=watched'
      const watching = (async () => {
        const options = { resourceVersion: metadata.resourceVersion, labelSelector, signal: abort.signal }
        for await (const event of client.watch(configMap, options)) events.push(event)
      })()
      await client.create(configMap, settings('unseen'))
      const created = await client.create(configMap, settings('watched', { a: '1' }))
      await client.update(configMap, { ...created, data: { a: '2' } })
      await client.delete(configMap, at('watched'))
      await vi.waitFor(() => expect(named(events)).toEqual(['ADDED watched 1', 'MODIFIED watched 2', 'DELETED watched 2']), deadline)
      expect(Number(events[2]!.object.metadata.resourceVersion)).toBeGreaterThan(Number(events[1]!.object.metadata.resourceVersion))
      abort.abort()
      await watching
    })

    test('starts a watch without a version with what is there', async () => {
      await client.create(configMap, settings('present', { a: '1' }))
      const abort = new AbortController()
      for await (const event of client.watch(configMap, { labelSelector: 'suite=present', signal: abort.signal })) {
        expect(named([event])).toEqual(['ADDED present 1'])
        break
      }
    })

    test('throws 410 for a watch from a version that was compacted', async () => {
      const created = await client.create(configMap, settings('old', { a: '1' }))
      await client.update(configMap, { ...created, data: { a: '2' } })
      await client.create(configMap, settings('newer'))
      await subject.compact()
      const watch = async () => {
        for await (const event of client.watch(configMap, { resourceVersion: '1' })) throw new Error(`unexpected ${event.type}`)
      }
      await expect(watch()).rejects.toMatchObject({ code: 410, reason: 'Expired' })
    })

    test('feeds an informer that sees additions, changes and deletions', async () => {
      const abort = new AbortController()
      const informer = new Informer(configMap, client, { labelSelector: 'suite=informed' }, systemClock, silent)
      const seen: Seen<ConfigMap>[] = []
      const created = await client.create(configMap, settings('informed', { a: '1' }))
      informer.subscribe((change) => seen.push(change))
      const running = informer.run(abort.signal)
      await informer.waitFor(Number(created.metadata.resourceVersion))
      const changed = await client.update(configMap, { ...created, data: { a: '2' } })
      await informer.waitFor(Number(changed.metadata.resourceVersion))
      expect(informer.get('default/informed')?.data).toEqual({ a: '2' })
      await client.delete(configMap, at('informed'))
      await vi.waitFor(() => expect(seen.map((s) => s.type)).toEqual(['added', 'updated', 'deleted']), deadline)
      expect([...informer.list('default')]).toEqual([])
      abort.abort()
      await running
    })
  })
}

const aPod = (label: string): Omit<Pod, 'apiVersion' | 'kind'> => ({
  metadata: { name: label, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '1'] }] },
})
