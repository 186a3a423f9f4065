import { Processor } from '../../../base/cel/budget.ts'
import { GoOnly } from '../../../base/go-text.ts'
import type { JsonObject } from '../../../base/json.ts'
import { copyInSteps } from '../../../base/json-steps.ts'
import { applyJsonPatch, PatchDoesNotApply } from '../../../base/patch.ts'
import type { Steps } from '../../../base/turns.ts'
import { admissionCel } from '../../../kinds/custom/cel-rules.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { MutationFailed } from './apply-patch.ts'
import { type Operation, plainly, sizeAt, whyNot } from './json-patch-operation.ts'

/** The object with a list of `JSONPatch{...}` done to it; as it is when one of their tests fails. @throws MutationFailed */
export function* withJsonPatch(object: Readonly<KubeObject>, made: unknown): Steps<unknown> {
  const operations = operationsOf(made)
  let document: unknown = yield* copyInSteps(object)
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
      if (error instanceof PatchDoesNotApply && operation.op === 'test') return yield* copyInSteps(object)
      throw new MutationFailed(`JSON Patch: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return document
}

const takesValue: readonly string[] = ['add', 'replace', 'test']

function operationsOf(made: unknown): Operation[] {
  const { JsonPatchOperation } = admissionCel()
  if (!Array.isArray(made)) throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array')
  return made.map((each: unknown) => {
    if (!(each instanceof JsonPatchOperation)) throw new MutationFailed('type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch')
    const { op, path, from, value } = each
    // without a value it is null that is meant
    const given = value === undefined ? (takesValue.includes(op) ? null : undefined) : jsonOf(value)
    return { op, path, ...(from ? { from } : {}), ...(given === undefined ? {} : { value: given }) }
  })
}

function jsonOf(value: unknown): unknown {
  const { goToJson, JsonPatchOperation, objectToGo, PatchObject, toJson } = admissionCel()
  const misplaced = value instanceof PatchObject ? value.misplaced() : []
  if (misplaced.length > 0) throw new MutationFailed(`type mismatch: ${misplaced.join('\n')}`)
  try {
    if (value instanceof JsonPatchOperation) throw new Error('cannot convert to native type: *structpb.Value')
    if (!(value instanceof PatchObject)) return toJson(value)
    const made = objectToGo(value)
    if (made instanceof GoOnly) throw new Error(made.text)
    return goToJson(made)
  } catch (error) {
    throw new MutationFailed(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** In bytes of JSON: kube-apiserver's limit of a request body. */
const mostCopied = 3 * 1024 * 1024
