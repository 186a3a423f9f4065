import type { AnyKind } from '../kinds/kind.ts'
import type { ObjectRef } from '../kinds/meta.ts'
import { notFound } from '../kinds/status-error.ts'

/** `/core/pods/`: every object of the kind. Versions of one kind share it, for they are the same objects. */
export const kindPrefix = (kind: AnyKind): string => `/${kind.group || 'core'}/${kind.plural}/`

/** What a list or watch of the kind reads: one namespace, or all of them. */
export const prefixOf = (kind: AnyKind, namespace?: string): string =>
  kind.namespaced && namespace ? `${kindPrefix(kind)}${namespace}/` : kindPrefix(kind)

/** @throws StatusError 404 for what cannot be a name: with a slash in it, it would reach into other namespaces */
export function keyFor(kind: AnyKind, { namespace, name }: ObjectRef): string {
  if (name.includes('/') || namespace?.includes('/')) throw notFound(kind, name)
  return prefixOf(kind, namespace) + name
}
