import { type JsonObject, parseJson } from '../../../base/json.ts'
import { copyInSteps, equalInSteps } from '../../../base/json-steps.ts'
import { errorMessage } from '../../../base/log.ts'
import { applyJsonPatch } from '../../../base/patch.ts'
import { type Steps, turns } from '../../../base/turns.ts'
import type { MutatingWebhook } from '../../../kinds/generated/types.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { maxDepth } from '../../../kinds/schemas.ts'
import { internal } from '../../../kinds/status-error.ts'
import { defaultInSteps } from '../../../kinds/structure.ts'
import { converting } from '../../converting.ts'
import { decodeInSteps } from '../../decode.ts'
import { refusedJson } from '../../json-guard.ts'
import { replaceContent } from '../../reviewed.ts'
import { inVersion } from '../../versions.ts'
import type { Admitted, AdmissionRequest } from '../chain.ts'
import type { ShownObjects } from './admission-review.ts'
import { ask, type AskDependencies, isMeant, shownIn } from './ask.ts'
import type { Call } from './configurations.ts'

type Mutating = Call<MutatingWebhook>

/** Lets webhooks change a request's object, one after the other; each sees what those before it made. @throws StatusError */
export async function mutate(deps: AskDependencies, calls: readonly Mutating[], request: AdmissionRequest): Promise<Admitted> {
  const invoked = new Set<Mutating>()
  const reinvoked = new Set<Mutating>()
  const reinvoke = (): void => {
    for (const each of invoked) reinvoked.add(each)
    invoked.clear()
  }
  let changed = false
  let output: unknown
  const run = async (round: number): Promise<void> => {
    for (const call of calls) {
      if ((round > 0 && !reinvoked.has(call)) || !(await isMeant(deps, call, request, 'admit'))) continue
      if (await mutateBy(deps, call, request, round)) {
        changed = true
        reinvoke()
      }
      if (call.hook.webhook.reinvocationPolicy === 'IfNeeded') invoked.add(call)
    }
    output = await turns.run(copyInSteps(request.object))
  }
  await run(0)
  return {
    changed,
    async again() {
      if (!(await turns.run(equalInSteps(output, request.object)))) reinvoke()
      await run(1)
    },
  }
}

async function mutateBy(deps: AskDependencies, call: Mutating, request: AdmissionRequest, round: number): Promise<boolean> {
  const { webhook, configuration, index } = call.hook
  const shown = withoutOwnFields(request, await shownIn(call, request))
  let mutated = false
  try {
    const verdict = await ask(deps, call, request, shown, 'admit', round)
    const operations = verdict?.patch ? parsed(verdict.patch) : []
    if (operations.length === 0) return false
    if (!shown.object) throw internal(`admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`)
    const next = await turns.run(patched(request, call, shown.object, operations))
    mutated = !(await turns.run(equalInSteps(next, shown.object)))
    if (mutated) replaceContent(request.object, await converting(request.kind, () => (request.type ? next : inVersion(call.kind, request.kind, next))))
    return mutated
  } finally {
    const { audit } = request.context
    if (audit) audit[`mutation.webhook.admission.k8s.io/round_${round}_index_${index}`] = JSON.stringify({ configuration, webhook: webhook.name, mutated })
  }
}

/** What only the server says of a new object it says later, so that no webhook sees or changes it. */
function withoutOwnFields({ operation, type }: AdmissionRequest, shown: ShownObjects): ShownObjects {
  if (operation !== 'CREATE' || type || !shown.object) return shown
  const { uid: _uid, creationTimestamp: _created, generation: _generation, ...metadata } = shown.object.metadata
  return { ...shown, object: { ...shown.object, metadata } }
}

function parsed(patch: string): unknown[] {
  const refused = refusedJson(Buffer.from(patch), maxDepth)
  if (refused) throw internal(refused)
  let operations: unknown
  try {
    operations = parseJson(patch)
  } catch (error) {
    throw internal(errorMessage(error))
  }
  if (!Array.isArray(operations)) throw internal('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  return operations
}

/** The patched object as one of its kind: of the right structure, pruned and with its defaults. */
function* patched({ context, type }: AdmissionRequest, { kind }: Mutating, object: Readonly<KubeObject>, operations: readonly unknown[]): Steps<KubeObject> {
  try {
    const next = applyJsonPatch((yield* copyInSteps(object)) as unknown as JsonObject, operations)
    yield
    const decoded = yield* decodeInSteps(type ?? kind, next, { ...context, fieldValidation: 'Ignore', warnings: [] })
    if (!type) yield* defaultInSteps(kind, decoded)
    return decoded
  } catch (error) {
    throw internal(errorMessage(error))
  }
}
