import { isJsonObject, type JsonObject, parseJson, setOwn } from '../../base/json.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { ApplyRequest } from './apply.ts'
import { compareFields } from './compare.ts'
import { difference, emptySet, union } from './field-set.ts'
import { fieldsOf } from './fields-of.ts'
import { pathsOf } from './fields-v1.ts'
import { builtIn } from './shapes.ts'
import { comparable } from './track.ts'

export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * The fields that kubectl's client-side apply set and that are still as it set them: kubectl's first server-side apply may
 * take them without a conflict.
 */
export function allowedByLastApplied({
  live,
  schema,
  apiVersion,
  shapes = builtIn,
}: ApplyRequest): ReadonlySet<string> {
  const last = live && lastApplied(live)
  if (!last || last.apiVersion !== apiVersion) return new Set()
  const { added, modified, removed } = compareFields(schema, comparable(last), comparable(live), emptySet, shapes)
  return new Set(
    pathsOf(difference(fieldsOf(schema, comparable(last), shapes), union(union(added, modified), removed))),
  )
}

function lastApplied({ metadata }: Readonly<KubeObject>): KubeObject | undefined {
  const text = metadata.annotations?.[lastAppliedAnnotation]
  if (!text) return undefined
  try {
    const value: unknown = parseJson(text)
    return isJsonObject(value) && isJsonObject(value.metadata) ? (value as unknown as KubeObject) : undefined
  } catch {
    // an annotation is anybody's text
    return undefined
  }
}

/**
 * Keeps kubectl's annotation in step with what it applied here, so that client-side apply can take over again. An object
 * without the annotation does not get one. Changes `object`, and says whether it did.
 */
export function syncLastApplied(object: KubeObject, applied: Readonly<KubeObject>): boolean {
  const { annotations } = object.metadata
  const before = annotations?.[lastAppliedAnnotation]
  if (!annotations || !before) return false
  const { [lastAppliedAnnotation]: _previous, ...others } = applied.metadata.annotations ?? {}
  const wish = applied.metadata.annotations
    ? { ...applied, metadata: { ...applied.metadata, annotations: others } }
    : applied
  annotations[lastAppliedAnnotation] = goJson(wish)
  return annotations[lastAppliedAnnotation] !== before
}

/** JSON as Go's encoder writes it: names in order, HTML's characters escaped, a line end. */
function goJson(value: unknown): string {
  const text = JSON.stringify(sorted(value))
  return `${text.replaceAll(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const out: JsonObject = {}
  for (const name of Object.keys(value).sort()) setOwn(out, name, sorted(value[name]))
  return out
}
