import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootstrap } from '../../src-main/api/bootstrap.ts'
import { createRegistry } from '../../src-main/api/registry.ts'
import { type Clock, systemClock } from '../../src-main/base/clock.ts'
import { type Logger, silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import { Informers } from '../../src-main/client/informer.ts'
import { localClient } from '../../src-main/client/local.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { PodSpec } from '../../src-main/kinds/generated/types.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type Kubelet, type KubeletDependencies, startKubelet } from '../../src-main/kubelet/kubelet.ts'
import type { ContainerRuntime } from '../../src-main/kubelet/runtime.ts'
import { openStore } from '../../src-main/store/log.ts'

export interface Recorded {
  readonly about: string
  readonly type: string
  readonly reason: string
  readonly message: string
}

/** A control plane of store, registry and client, and the kubelets that a test starts on it. */
export interface TestCluster {
  readonly id: string
  readonly dataDir: string
  readonly client: Client
  readonly informers: Informers
  readonly events: Recorded[]
  kubelet(nodeName: string, runtime: ContainerRuntime, more?: Partial<KubeletDependencies>): Promise<Kubelet>
  pod(name: string, nodeName: string, spec: Partial<PodSpec>): Promise<Pod>
  /** Waits until the pod is as `wanted` says; fails with what it was last. */
  until(name: string, wanted: (pod: Pod) => boolean, deadlineMs?: number): Promise<Pod>
  gone(name: string, deadlineMs?: number): Promise<void>
  close(): Promise<void>
}

export async function testCluster(log: Logger = silent, clock: Clock = systemClock): Promise<TestCluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'wheelhouse-kubelet-'))
  const store = await openStore({ file: join(dataDir, 'store.db'), log })
  const verbs = createRegistry({ store, clock })
  await bootstrap(verbs)
  const client = localClient(verbs, { name: 'test', groups: ['system:masters'] })
  const stopping = new AbortController()
  const informers = new Informers(client, clock, log, stopping.signal)
  const events: Recorded[] = []
  const recorder = {
    event: (about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string) =>
      void events.push({ about: about.metadata.name ?? '', type, reason, message }),
  }
  const namespace = 'default'
  const changed = (name: string, found: (pod: Pod | undefined) => boolean, deadlineMs: number): Promise<Pod | undefined> => {
    const informer = informers.of(podKind)
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const pod = informer.get(`${namespace}/${name}`)
        if (!informer.synced || !found(pod)) return
        clearTimeout(timer)
        // not from inside subscribe, which calls back before it returns
        queueMicrotask(() => unsubscribe())
        resolve(pod)
      }
      const timer = setTimeout(() => {
        unsubscribe()
        reject(new Error(`pod ${name} was not so within ${deadlineMs} ms: ${JSON.stringify(informer.get(`${namespace}/${name}`)?.status, null, 1)} ${JSON.stringify(events.slice(-8))}`))
      }, deadlineMs)
      const unsubscribe = informer.subscribe(look)
      void informer.waitFor(0).then(look)
    })
  }
  return {
    id: randomUUID(), dataDir, client, informers, events,
    kubelet: (nodeName, runtime, more = {}) => startKubelet({
      nodeName, runtime, client, informers, recorder, clock, log, dataDir, signal: stopping.signal, clusterDomain: 'cluster.local', ...more,
    }),
    pod: (name, nodeName, spec) => client.create(podKind, {
      metadata: { name, namespace }, spec: { nodeName, terminationGracePeriodSeconds: 1, automountServiceAccountToken: false, containers: [], ...spec },
    }),
    until: async (name, wanted, deadlineMs = 20_000) => (await changed(name, (pod) => pod !== undefined && wanted(pod), deadlineMs)) as Pod,
    async gone(name, deadlineMs = 20_000) {
      await changed(name, (pod) => pod === undefined, deadlineMs)
      const still = await client.get(podKind, { namespace, name }).catch((error: unknown) => {
        if (isNotFound(error)) return undefined
        throw error
      })
      if (still) throw new Error(`pod ${name} is still there`)
    },
    async close() {
      stopping.abort()
      await store.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export const ready = (pod: Pod): boolean =>
  pod.status?.phase === 'Running' && pod.status.conditions?.find((c) => c.type === 'Ready')?.status === 'True'
