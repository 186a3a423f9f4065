import { badRequest } from '../kinds/status-error.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { ObjectMeta } from '../kinds/generated/types.ts'

/**
 * A deep copy as JSON would carry it: without `undefined`. What a caller sends may share parts with a cache, and the
 * API fills in defaults, so what is sent must be nobody else's.
 */
export function plainCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : (plainCopy(item) as unknown))) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) if (item !== undefined) copy[key] = plainCopy(item as unknown)
  return copy as T
}

/** The object to send, apiVersion and kind first and filled in from its kind. */
export const typed = <T extends object>(kind: AnyKind, object: T): T & { apiVersion: string; kind: string } => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  ...object,
})

/** The name that a request about an existing object needs; a 400 without one. */
export function nameOf(kind: AnyKind, object: { metadata: ObjectMeta }): string {
  if (!object.metadata.name) throw badRequest(`name must be provided: this ${kind.kind} has none`)
  return object.metadata.name
}
