import { GoOnly } from '../../../base/go-text.ts'
import { isJsonObject, type JsonObject } from '../../../base/json.ts'
import { copyInSteps } from '../../../base/json-steps.ts'
import type { Steps } from '../../../base/turns.ts'
import { admissionCel } from '../../../kinds/custom/cel-rules.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import type { FieldSchema } from '../../../kinds/schema.ts'
import { checkApplied, toldTogether } from '../../managed-fields/check-applied.ts'
import { mergeInto, said as saidOf } from '../../managed-fields/merge.ts'
import { builtIn, isDeclared, itemSchema, rootSchema, schemaBelow, shapeOf, type Shapes } from '../../managed-fields/shapes.ts'

/** A mutation that cannot be made; the message is the server's answer. */
export class MutationFailed extends Error {
  override readonly name = 'MutationFailed'
}

/** What an object is, with the name of its structure where that is published with the others of its version. */
export interface Typed extends Pick<AnyKind, 'apiVersion' | 'kind'> {
  readonly schema?: string | undefined
  readonly custom?: AnyKind['custom'] | undefined
}

/** A copy of the object with what an `Object{...}` says laid over it. @throws MutationFailed */
export function* withConfiguration(kind: Typed, object: Readonly<KubeObject>, made: unknown): Steps<KubeObject> {
  const { objectToGo, PatchObject } = admissionCel()
  if (!(made instanceof PatchObject)) throw new MutationFailed('unsupported return type from ApplyConfiguration expression')
  const misplaced = made.misplaced('Object')
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`)
  const said = objectToGo(made)
  if (said instanceof GoOnly) throw new MutationFailed('invalid return type: *dynamic.ObjectVal')
  const { schema } = kind
  if (schema === undefined) throw untyped([`no corresponding type for ${kind.apiVersion.includes('/') ? '' : '/'}${kind.apiVersion}, Kind=${kind.kind}`])
  const shapes: Shapes = kind.custom ? { types: kind.custom.types } : builtIn
  const applied = { ...said, apiVersion: kind.apiVersion, kind: kind.kind }
  const mistakes = checkApplied(schema, applied, shapes)
  if (mistakes.length > 0) throw untyped(mistakes)
  const unheard = unheardOf(applied, '')
  if (unheard.length > 0) throw untyped(unheard)
  const atomic = atomics(shapes, rootSchema(schema), applied, '')
  if (atomic.length > 0) throw new MutationFailed(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`)
  return mergeInto(shapes, schema, yield* copyInSteps(object), saidOf(shapes, schema, applied)) as KubeObject
}

const untyped = (mistakes: readonly string[]): MutationFailed =>
  new MutationFailed(`error applying patch: failed to convert patch object to typed object: ${toldTogether(mistakes)}`)

/** Where nobody described anything, what JSON does not have is found last. */
function unheardOf(value: unknown, path: string): string[] {
  if (value instanceof GoOnly) return [`${path}: expected map, got &{${value.text}}`]
  if (Array.isArray(value)) return value.flatMap((item, i) => unheardOf(item, `${path}[${i}]`))
  return isJsonObject(value) ? Object.entries(value).flatMap(([name, each]) => unheardOf(each, `${path}.${name}`)) : []
}

/** Paths of lists and maps that could only be replaced whole: what the patch does not say would be lost. */
function atomics(shapes: Shapes, schema: FieldSchema, value: unknown, path: string): string[] {
  const shape = shapeOf(schema, value)
  if (shape === 'leaf') return (Array.isArray(value) || isJsonObject(value)) && schema.type !== 'any' ? [path] : []
  if (shape === 'items') return (value as unknown[]).flatMap((item, i) => atomics(shapes, itemSchema(schema), item, `${path}[${i}]`))
  return Object.entries(value as JsonObject).flatMap(([name, each]) =>
    isDeclared(shapes, schema, name) ? atomics(shapes, schemaBelow(shapes, schema, name), each, `${path}.${name}`) : [])
}
