import { copyInSteps } from '../../../base/json-steps.ts'
import type { Steps } from '../../../base/turns.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { badRequest } from '../../../kinds/status-error.ts'
import { checkStructureInSteps, defaultInSteps, pruneInSteps } from '../../../kinds/structure.ts'
import type { Expected } from '../../decode.ts'
import type { AdmissionRequest } from '../chain.ts'
import { MutationFailed } from './apply-patch.ts'

const serverOwned = ['generateName', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation', 'managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const

/**
 * A mutated object of a kind with its defaults, and with everything that this request does not write kept as it was.
 *
 * @throws StatusError 400 when it went to another namespace
 */
export function* settled({ kind, object: before, subresource }: AdmissionRequest, mutated: KubeObject): Steps<KubeObject> {
  if (kind.custom) yield* kind.custom.pruneInSteps(mutated)
  const metadata = { ...mutated.metadata } as Record<string, unknown>
  if (metadata.namespace && metadata.namespace !== before.metadata.namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  for (const name of serverOwned) {
    delete metadata[name]
    if (before.metadata[name] !== undefined) metadata[name] = before.metadata[name]
  }
  const next = { ...mutated, apiVersion: before.apiVersion, kind: before.kind, metadata } as unknown as KubeObject
  const kept = kind.status ? yield* keptStatus(next, before, subresource) : next
  yield* defaultInSteps(kind, kept)
  return kept
}

/** A merged object of the type that it was; changes it. @throws MutationFailed */
export function* structured({ apiVersion, kind, schema, custom }: Expected, merged: KubeObject): Steps<KubeObject> {
  if (custom) return merged
  const { errors: [error] } = yield* checkStructureInSteps(schema, merged)
  if (error) throw new MutationFailed(`unable to convert unstructured object to ${apiVersion}, Kind=${kind}: ${error.field}: ${error.message}`)
  yield* pruneInSteps(schema, merged)
  return merged
}

/** A status changes by its own door, and nothing else does there. */
function* keptStatus(next: KubeObject, before: Readonly<KubeObject>, subresource: string | undefined): Steps<KubeObject> {
  const { status } = (subresource === 'status' ? next : before) as { status?: unknown }
  const { status: _status, ...rest } = (subresource === 'status' ? { ...before, metadata: next.metadata } : next) as KubeObject & { status?: unknown }
  return (status === undefined ? rest : { ...rest, status: yield* copyInSteps(status) }) as KubeObject
}
