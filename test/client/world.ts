import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import { EventQueue } from '../../src-main/client/event-queue.ts'
import { Informers } from '../../src-main/client/informer.ts'
import type { AnyKind, Kind } from '../../src-main/kinds/kind.ts'
import { keyOf, type KubeObject } from '../../src-main/kinds/meta.ts'

export interface World {
  readonly informers: Informers
  /** Resolves when the informers show it. */
  put<T extends KubeObject>(kind: Kind<T>, object: Omit<T, 'apiVersion' | 'kind'>): Promise<void>
  remove(kind: AnyKind, key: string): Promise<void>
  end(): void
}

/** A cluster of nothing but objects, for rooms that only read through informers. */
export function createWorld(): World {
  const objects = new Map<AnyKind, Map<string, KubeObject>>()
  const watchers = new Map<AnyKind, Set<EventQueue<KubeObject>>>()
  const abort = new AbortController()
  let version = 0
  const of = <V>(maps: Map<AnyKind, V>, kind: AnyKind, empty: () => V): V => maps.get(kind) ?? (maps.set(kind, empty()), maps.get(kind)!)
  const held = (kind: AnyKind) => of(objects, kind, () => new Map<string, KubeObject>())
  const watching = (kind: AnyKind) => of(watchers, kind, () => new Set<EventQueue<KubeObject>>())

  const client = {
    async list(kind: AnyKind) {
      return { metadata: { resourceVersion: String(version) }, items: [...held(kind).values()] }
    },
    async *watch(kind: AnyKind, { resourceVersion, signal }: { resourceVersion: string; signal: AbortSignal }) {
      const queue = new EventQueue<KubeObject>()
      for (const object of held(kind).values()) {
        if (Number(object.metadata.resourceVersion) > Number(resourceVersion)) queue.push({ type: 'MODIFIED', object })
      }
      watching(kind).add(queue)
      signal.addEventListener('abort', () => queue.close())
      yield* queue
    },
  } as unknown as Client
  const informers = new Informers(client, systemClock, silent, abort.signal)

  async function tell(kind: AnyKind, type: 'MODIFIED' | 'DELETED', object: KubeObject): Promise<void> {
    for (const queue of watching(kind)) queue.push({ type, object })
    await informers.of(kind).waitFor(version)
  }
  return {
    informers,
    put(kind, object) {
      const metadata = { uid: keyOf(object as unknown as KubeObject), ...object.metadata, resourceVersion: String(++version) }
      const stored: KubeObject = { apiVersion: kind.apiVersion, kind: kind.kind, ...object, metadata }
      held(kind).set(keyOf(stored), stored)
      return tell(kind, 'MODIFIED', stored)
    },
    remove(kind, key) {
      const old = held(kind).get(key)!
      held(kind).delete(key)
      return tell(kind, 'DELETED', { ...old, metadata: { ...old.metadata, resourceVersion: String(++version) } })
    },
    end: () => abort.abort(),
  }
}
