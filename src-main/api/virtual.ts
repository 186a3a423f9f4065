import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'

/** Answers a kind that is computed and not stored: metrics, traffic, scheduling verdicts. */
export interface VirtualProvider<T extends KubeObject = KubeObject> {
  readonly kind: AnyKind
  get(name: string, namespace?: string): Promise<T | undefined>
  list(namespace?: string): Promise<T[]>
  /** Calls back with the changed object; a kind that serves `watch` has it. Returns how to stop. */
  subscribe?(onChange: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void): () => void
}
