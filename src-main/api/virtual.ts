import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { RequestContext } from './verbs.ts'

/** Answers a kind that is computed and not stored: metrics, traffic, scheduling verdicts. */
export interface VirtualProvider<T extends KubeObject = KubeObject> {
  readonly kind: AnyKind
  get(name: string, namespace?: string): Promise<T | undefined>
  list(namespace?: string): Promise<T[]>
  /** Answers a question (a review): what it returns is what the client gets. `object` is its own to change. */
  create?(object: T, context: RequestContext): Promise<T>
  /** Calls back with the changed object; a kind that serves `watch` has it. Returns how to stop. */
  subscribe?(onChange: (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T) => void): () => void
}
