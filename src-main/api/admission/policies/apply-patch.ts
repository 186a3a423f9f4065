import { copyJson, isJsonObject, type JsonObject } from '../../../base/json.ts'
import { applyJsonPatch, PatchDoesNotApply } from '../../../base/patch.ts'
import { admissionCel } from '../../../kinds/custom/cel-rules.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import type { FieldSchema } from '../../../kinds/schema.ts'
import { applyDefaults, checkStructure, prune } from '../../../kinds/structure.ts'
import { checkApplied } from '../../managed-fields/check-applied.ts'
import { mergeApplied, said } from '../../managed-fields/merge.ts'
import { builtIn, isDeclared, itemSchema, rootSchema, schemaBelow, shapeOf, type Shapes } from '../../managed-fields/shapes.ts'

/** A mutation that cannot be made; the message is the server's answer. */
export class MutationFailed extends Error {
  override readonly name = 'MutationFailed'
}

/** The object with what an `Object{...}` says laid over it. @throws MutationFailed */
export function withConfiguration(kind: AnyKind, object: Readonly<KubeObject>, made: unknown): KubeObject {
  const { PatchObject } = admissionCel()
  if (!(made instanceof PatchObject)) throw new MutationFailed('unsupported return type from ApplyConfiguration expression')
  const misplaced = made.misplaced('Object')
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`)
  const shapes: Shapes = kind.custom ? { types: kind.custom.types } : builtIn
  const applied = { ...orFailed(() => made.toJson() as JsonObject), apiVersion: kind.apiVersion, kind: kind.kind }
  const mistakes = checkApplied(kind.schema, applied, shapes)
  if (mistakes.length > 0) throw new MutationFailed(`error applying patch: failed to convert patch object to typed object: ${mistakes.join(', ')}`)
  const atomic = atomics(shapes, rootSchema(kind.schema), applied, '')
  if (atomic.length > 0) throw new MutationFailed(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`)
  return copyJson(mergeApplied(shapes, kind.schema, object, said(shapes, kind.schema, applied))) as KubeObject
}

/** Paths of lists and maps that could only be replaced whole: what the patch does not say would be lost. */
function atomics(shapes: Shapes, schema: FieldSchema, value: unknown, path: string): string[] {
  const shape = shapeOf(schema, value)
  if (shape === 'leaf') return (Array.isArray(value) || isJsonObject(value)) && schema.type !== 'any' ? [path] : []
  if (shape === 'items') return (value as unknown[]).flatMap((item, i) => atomics(shapes, itemSchema(schema), item, `${path}[${i}]`))
  return Object.entries(value as JsonObject).flatMap(([name, each]) =>
    isDeclared(shapes, schema, name) ? atomics(shapes, schemaBelow(shapes, schema, name), each, `${path}.${name}`) : [])
}

/** The object with a list of `JSONPatch{...}` done to it; as it is when one of their tests fails. @throws MutationFailed */
export function withJsonPatch(object: Readonly<KubeObject>, made: unknown): KubeObject {
  const { JsonPatchOperation, PatchObject, toJson } = admissionCel()
  if (!Array.isArray(made)) throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array')
  const operations = made.map((each: unknown) => {
    if (!(each instanceof JsonPatchOperation)) throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch')
    const { op, path, from, value } = each
    const misplaced = value instanceof PatchObject ? value.misplaced() : []
    if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`)
    return { op, path, ...(from ? { from } : {}), ...(value === undefined ? {} : { value: orFailed(() => toJson(value)) }) }
  })
  try {
    return applyJsonPatch(copyJson(object) as unknown as JsonObject, operations) as KubeObject
  } catch (error) {
    if (error instanceof PatchDoesNotApply && error.message.startsWith('testing value ')) return copyJson(object) as KubeObject
    throw new MutationFailed(`JSONPath: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function orFailed<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new MutationFailed(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const serverOwned = ['name', 'generateName', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation', 'managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const

/**
 * A mutated object as the kind has it: of the right structure, with its defaults, and with everything that this request does
 * not write kept as it was. @throws MutationFailed
 */
export function settled(kind: AnyKind, mutated: KubeObject, before: Readonly<KubeObject>, subresource: string | undefined): KubeObject {
  if (!isJsonObject(mutated) || !isJsonObject(mutated.metadata)) throw new MutationFailed('the mutation left no object')
  const [error] = kind.custom ? [] : checkStructure(kind.schema, mutated).errors
  if (error) throw new MutationFailed(`${error.field}: ${error.message}`)
  if (kind.custom) kind.custom.prune(mutated)
  else prune(kind.schema, mutated)
  const metadata = { ...mutated.metadata } as Record<string, unknown>
  for (const name of serverOwned) {
    delete metadata[name]
    if (before.metadata[name] !== undefined) metadata[name] = before.metadata[name]
  }
  const next = { ...mutated, apiVersion: before.apiVersion, kind: before.kind, metadata } as unknown as KubeObject
  const kept = kind.status ? keptStatus(next, before, subresource) : next
  applyDefaults(kind, kept)
  return kept
}

/** A status changes by its own door, and nothing else does there. */
function keptStatus(next: KubeObject, before: Readonly<KubeObject>, subresource: string | undefined): KubeObject {
  const { status } = (subresource === 'status' ? next : before) as { status?: unknown }
  const { status: _status, ...rest } = (subresource === 'status' ? { ...before, metadata: next.metadata } : next) as KubeObject & { status?: unknown }
  return (status === undefined ? rest : { ...rest, status: copyJson(status) }) as KubeObject
}
