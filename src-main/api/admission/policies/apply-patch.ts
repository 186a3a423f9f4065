import { Processor } from '../../../base/cel/budget.ts'
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
import { plainly, sizeAt, whyNot } from './json-patch-operation.ts'

/** A mutation that cannot be made; the message is the server's answer. */
export class MutationFailed extends Error {
  override readonly name = 'MutationFailed'
}

/** What an object is, with the name of its structure where that is known. */
export interface Typed extends Pick<AnyKind, 'apiVersion' | 'kind'> {
  readonly schema?: string | undefined
  readonly custom?: AnyKind['custom'] | undefined
}

/** The object with what an `Object{...}` says laid over it; it shares the rest with the object. @throws MutationFailed */
export function withConfiguration(kind: Typed, object: Readonly<KubeObject>, made: unknown): KubeObject {
  const { PatchObject } = admissionCel()
  if (!(made instanceof PatchObject)) throw new MutationFailed('unsupported return type from ApplyConfiguration expression')
  const misplaced = made.misplaced('Object')
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`)
  const { schema } = kind
  if (schema === undefined) throw new MutationFailed(`error applying patch: failed to convert patch object to typed object: no corresponding type for ${kind.apiVersion}, Kind=${kind.kind}`)
  const shapes: Shapes = kind.custom ? { types: kind.custom.types } : builtIn
  const applied = { ...orFailed(() => made.toJson() as JsonObject), apiVersion: kind.apiVersion, kind: kind.kind }
  const mistakes = checkApplied(schema, applied, shapes)
  if (mistakes.length > 0) throw new MutationFailed(`error applying patch: failed to convert patch object to typed object: ${mistakes.join(', ')}`)
  const atomic = atomics(shapes, rootSchema(schema), applied, '')
  if (atomic.length > 0) throw new MutationFailed(`error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomic.join(', ')}`)
  return mergeApplied(shapes, schema, object, said(shapes, schema, applied)) as KubeObject
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
  let document: unknown = copyJson(object)
  let copied = 0
  const processor = new Processor()
  processor.begin()
  for (const operation of operations) {
    if (processor.exhausted) throw new MutationFailed('JSON Patch: the operations take too long')
    if (operation.op === 'copy' && (copied += sizeAt(document, operation.from ?? '')) > mostCopied) {
      throw new MutationFailed(`JSON Patch: Unable to complete the copy, the accumulated size increase of copy is ${copied}, exceeding the limit ${mostCopied}`)
    }
    const wrong = whyNot(document, operation)
    if (wrong !== undefined) throw new MutationFailed(`JSON Patch: ${wrong}`)
    try {
      document = applyJsonPatch(document as JsonObject, [plainly(document, operation)])
    } catch (error) {
      if (error instanceof PatchDoesNotApply && operation.op === 'test') return copyJson(object) as KubeObject
      throw new MutationFailed(`JSON Patch: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return document as KubeObject
}

/** In bytes of JSON: kube-apiserver's limit of a request body. */
const mostCopied = 3 * 1024 * 1024

function orFailed<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new MutationFailed(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const serverOwned = ['generateName', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation', 'managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const

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
