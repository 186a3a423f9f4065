import type { Pod } from '../kinds/core/pod.ts'
import type { Informer, Seen } from '../client/informer.ts'

/** Where a node's pods come from: the API server; files and URLs can be others beside it. */
export interface PodSource {
  /** Calls back for every change of a pod of that node, at first with `added` for each there is. */
  subscribe(nodeName: string, listener: (seen: Seen<Pod>) => void): () => void
  /** Resolves when the pods there are have been told, or the signal aborts. */
  synced(signal: AbortSignal): Promise<void>
}

/** One informer's pods for any number of nodes: each change reaches only the node it is about. */
export function podSource(informer: Informer<Pod>): PodSource {
  const byNode = new Map<string, Set<(seen: Seen<Pod>) => void>>()
  let unsubscribe: (() => void) | undefined
  const tell = (seen: Seen<Pod>): void => {
    for (const listener of byNode.get(seen.object.spec?.nodeName ?? '') ?? []) listener(seen)
  }
  return {
    subscribe(nodeName, listener) {
      unsubscribe ??= informer.subscribe(tell)
      for (const pod of informer.list()) if (pod.spec?.nodeName === nodeName) listener({ type: 'added', object: pod })
      const listeners = byNode.get(nodeName) ?? new Set()
      listeners.add(listener)
      byNode.set(nodeName, listeners)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) byNode.delete(nodeName)
        if (byNode.size === 0) {
          unsubscribe?.()
          unsubscribe = undefined
        }
      }
    },
    synced: (signal) => informer.waitFor(0, signal),
  }
}
