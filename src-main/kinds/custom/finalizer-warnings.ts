import type { KubeObject } from '../meta.ts'
import { standardFinalizers } from '../object-meta.ts'

/** What a client is told of a finalizer that others might use too. */
export function finalizerWarnings({ metadata }: KubeObject, old?: Readonly<KubeObject>): string[] {
  const added = new Set((metadata.finalizers ?? []).filter((name) => !old?.metadata.finalizers?.includes(name)))
  return [...added].sort().flatMap((name) => {
    if (name.includes('/') || standardFinalizers.includes(name)) return []
    const path = name.includes('.') ? ' including a path (/)' : ''
    return [`metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`]
  })
}
