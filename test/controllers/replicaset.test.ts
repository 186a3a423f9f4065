import { describe, expect, it } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import type { Context } from '../../src-main/controllers/controller.ts'
import { replicasetController } from '../../src-main/controllers/replicaset.ts'
import { replicaSet, type ReplicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import type { Pod } from '../../src-main/kinds/core/pod.ts'
import type { Kind } from '../../src-main/kinds/kind.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { forbidden, StatusError } from '../../src-main/kinds/status-error.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

const wish: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default', uid: 'rs', generation: 1 },
  spec: {
    replicas: 100,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } },
  },
}

/** A server that lets so many pods be created, then says no. */
function serverWithRoomFor(room: number, refusal: Error) {
  const asked: Pod[] = []
  const statuses: ReplicaSet[] = []
  const events: string[] = []
  let together = 0
  const batches: number[] = []
  const client = {
    async create(_kind: unknown, pod: Pod) {
      if (together++ === 0) queueMicrotask(() => void (batches.push(together), (together = 0)))
      asked.push(pod)
      if (asked.length > room) throw refusal
      return { ...pod, metadata: { ...pod.metadata, name: `web-${asked.length}` } }
    },
    async updateStatus(_kind: unknown, object: ReplicaSet) {
      statuses.push(object)
      return object
    },
  } as unknown as Client
  const context: Context = {
    client,
    read: async <T extends KubeObject>(kind: Kind<T>) =>
      kind.kind === replicaSet.kind ? (wish as unknown as T) : undefined,
    readAll: async () => [],
    recorder: { event: (_about, _type, reason, message) => events.push(`${reason}: ${message}`) },
    clock: fakeClock(),
    startedAt: 0,
    log: silent,
    kinds: new Kinds([]),
    signal: new AbortController().signal,
  }
  return { asked, statuses, events, batches, reconcile: () => replicasetController.reconcile('default/web', context) }
}

describe('a ReplicaSet whose pods are refused', () => {
  const refusal = forbidden({ group: '', plural: 'pods', kind: 'Pod' }, '', 'exceeded quota')

  it('asks in batches that double, stops at the first refusal, and says why in its status and an event', async () => {
    const server = serverWithRoomFor(5, refusal)
    await expect(server.reconcile()).rejects.toThrow('exceeded quota')
    expect(server.batches).toEqual([1, 2, 4])
    expect(server.statuses[0]?.status?.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods is forbidden: exceeded quota' },
    ])
    expect(server.events.filter((event) => event.startsWith('SuccessfulCreate'))).toHaveLength(5)
    expect(server.events.at(-1)).toBe('FailedCreate: Error creating: pods is forbidden: exceeded quota')
  })

  it('asks no more, and complains of nothing, when the namespace is ending', async () => {
    const causes = [
      { reason: 'NamespaceTerminating', message: 'namespace default is being terminated', field: 'metadata.namespace' },
    ]
    const server = serverWithRoomFor(0, new StatusError({ ...refusal.status, details: { causes } }))
    await expect(server.reconcile()).resolves.toEqual({})
    expect(server.asked).toHaveLength(1)
    expect(server.statuses[0]?.status?.conditions).toBeUndefined()
  })

  it('makes pods that carry its name, labels and itself as their managing owner', async () => {
    const server = serverWithRoomFor(100, refusal)
    await server.reconcile()
    expect(server.asked).toHaveLength(100)
    expect(server.asked[0]?.metadata).toMatchObject({
      generateName: 'web-',
      namespace: 'default',
      labels: { app: 'web' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web',
          uid: 'rs',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    })
  })
})
