import type { Eviction } from '../../kinds/generated/types.ts'
import type { ObjectRef } from '../../kinds/meta.ts'
import { badRequest } from '../../kinds/status-error.ts'
import type { Expected } from '../decode.ts'
import type { DeleteRequest } from '../verbs.ts'

export const evictionType: Expected = {
  apiVersion: 'policy/v1',
  version: 'v1',
  kind: 'Eviction',
  schema: 'io.k8s.api.policy.v1.Eviction',
}

/** The deletion an eviction asks for. @throws StatusError 400 when it is about another pod */
export function planEviction(
  { metadata, deleteOptions }: Eviction,
  { name }: ObjectRef,
): { request: DeleteRequest; dryRun: boolean } {
  if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const { dryRun, ...request } = deleteOptions ?? {}
  return { request, dryRun: dryRun?.includes('All') ?? false }
}
