import { isJsonObject, type JsonObject } from '../base/json.ts'
import { decoderSentence } from '../kinds/decoder-sentence.ts'
import { badRequest } from '../kinds/status-error.ts'
import { checkStructure } from '../kinds/structure.ts'
import { deleteOptionsBody } from './body.ts'
import { checkDryRun } from './request-options.ts'
import type { DeleteRequest } from './verbs.ts'

interface DeleteOptions extends DeleteRequest {
  readonly kind?: string
  readonly apiVersion?: string
  readonly dryRun?: readonly string[]
}

/**
 * The DeleteOptions in the body of a DELETE; they replace those of the query, as in Kubernetes.
 *
 * @param version  of the options where they name none
 * @throws StatusError 400 when a field has another type, 422 for a dry run that does not exist
 */
export function deleteOptions(body: unknown, version = 'v1'): { request: DeleteRequest; dryRun: boolean } {
  const sent: JsonObject = isJsonObject(body) ? body : {}
  const { errors: [error] } = checkStructure(deleteOptionsBody.schema, sent)
  if (error) throw badRequest(decoderSentence(deleteOptionsBody.schema, error, sent))
  const options = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null)) as DeleteOptions
  const { kind, apiVersion, dryRun = [], gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = options
  if (kind && kind !== deleteOptionsBody.kind) {
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion || version)} in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"`)
  }
  checkDryRun(dryRun, deleteOptionsBody.kind)
  const { uid, resourceVersion } = preconditions ?? {}
  return {
    request: { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions: preconditions && { uid: uid ?? undefined, resourceVersion: resourceVersion ?? undefined } },
    dryRun: dryRun.length > 0,
  }
}
