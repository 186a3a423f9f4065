import { parse } from 'yaml'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { applyDefaults, checkStructure, prune, validateObject, validateObjectUpdate } from '../../src-main/kinds/structure.ts'

/** An object from YAML, as the API would have it after decoding and defaulting. */
export function prepared(kind: AnyKind, yaml: string): KubeObject {
  const object = { apiVersion: kind.apiVersion, kind: kind.kind, ...(parse(yaml) as object) } as KubeObject
  object.metadata = { name: 'web', ...(kind.namespaced ? { namespace: 'default' } : {}), ...object.metadata }
  const { errors, unknown } = checkStructure(kind.schema, object)
  if (errors.length + unknown.length > 0) throw new Error(`the manifest is wrong: ${JSON.stringify({ errors, unknown })}`)
  prune(kind.schema, object)
  applyDefaults(kind, object)
  return object
}

/** A manifest with the changes merged in, lists replaced. */
export function changed(base: string, change: string): string {
  return JSON.stringify(merge(parse(base), parse(change)))
}

function merge(base: unknown, change: unknown): unknown {
  if (typeof base !== 'object' || typeof change !== 'object' || base === null || change === null || Array.isArray(change)) return change
  const merged: Record<string, unknown> = { ...(base as object) }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete merged[name]
    else merged[name] = merge(merged[name], value)
  }
  return merged
}

const lines = (errors: ReturnType<typeof validateObject>): string[] => errors.map(({ field, message }) => `${field}: ${message}`)

/** A mistake without the pattern that the text should have matched. */
export const briefly = (line: string): string => line.replace(/ \((e\.g\. '.*?)?regex used for validation is '.*?'\)/g, '')

export const mistakes = (kind: AnyKind, yaml: string): string[] => lines(validateObject(kind, prepared(kind, yaml)))

export const updateMistakes = (kind: AnyKind, from: string, to: string): string[] =>
  lines(validateObjectUpdate(kind, prepared(kind, to), prepared(kind, from)))
