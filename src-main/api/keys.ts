import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { ObjectRef } from '../kinds/meta.ts'
import { notFound } from '../kinds/status-error.ts'

/** `/core/pods/`: every object of the kind. Versions of one kind share it, for they are the same objects. */
export function kindPrefix(kind: AnyKind): string {
  const { group, plural } = keptKind(kind)
  return `/${group || 'core'}/${plural}/`
}

/** What a list or watch of the kind reads: one namespace, or all of them. */
export const prefixOf = (kind: AnyKind, namespace?: string): string =>
  kind.namespaced && namespace ? `${kindPrefix(kind)}${namespace}/` : kindPrefix(kind)

/** @throws StatusError 404 for what cannot be a name: with a slash in it, it would reach into other namespaces */
export function keyFor(kind: AnyKind, { namespace, name }: ObjectRef): string {
  if (name.includes('/') || namespace?.includes('/')) throw notFound(keptKind(kind), name)
  return prefixOf(kind, namespace) + name
}
