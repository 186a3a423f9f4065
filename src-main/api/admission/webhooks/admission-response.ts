import { isJsonObject, type JsonObject } from '../../../base/json.ts'
import type { Status } from '../../../kinds/generated/types.ts'
import { badRequest, StatusError } from '../../../kinds/status-error.ts'
import type { ReviewVersion } from './admission-review.ts'

/** What a webhook answered. */
export interface Verdict {
  readonly allowed: boolean
  /** A JSON patch as text; empty when nothing is to be changed. */
  readonly patch: string
  readonly status: JsonObject | undefined
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>
}

/**
 * Reads an answer as VerifyAdmissionResponse of k8s.io/apiserver does.
 *
 * @throws Error with its sentence about an answer that is none
 */
export function verdictOf(answer: JsonObject, uid: string, version: ReviewVersion, mutating: boolean): Verdict {
  const { response } = answer
  if (response === undefined || response === null) throw new Error('webhook response was absent')
  if (!isJsonObject(response)) throw new Error('json: cannot unmarshal into Go struct field AdmissionReview.response of type v1.AdmissionResponse')
  const { patch = '', patchType, status } = { ...response, patch: response.patch ?? '', patchType: response.patchType ?? undefined } as JsonObject
  if (typeof patch !== 'string') throw wrong('patch', '[]uint8')
  if (version === 'v1') checkStrictly(answer, response, uid, mutating)
  return {
    allowed: flag(response.allowed),
    patch: mutating ? decoded(patch) : '',
    status: isJsonObject(status) ? status : undefined,
    warnings: texts(response.warnings),
    auditAnnotations: annotations(response.auditAnnotations),
    ...(patchType === undefined || patchType === 'JSONPatch' || !mutating ? {} : unsupported(patchType)),
  }
}

/** v1beta1 left these to the webhook. */
function checkStrictly(answer: JsonObject, response: JsonObject, uid: string, mutating: boolean): void {
  const patch = typeof response.patch === 'string' ? response.patch : ''
  const patchType = response.patchType ?? undefined
  if (response.uid !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  if (answer.kind !== 'AdmissionReview' || answer.apiVersion !== 'admission.k8s.io/v1') {
    throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${goKind(answer)}`)
  }
  if (!mutating) {
    if (patch) throw new Error('validating webhook may not return response.patch')
    if (patchType !== undefined) throw new Error('validating webhook may not return response.patchType')
    return
  }
  if (patch && patchType === undefined) throw new Error('webhook returned response.patch but not response.patchType')
  if (!patch && patchType !== undefined) throw new Error('webhook returned response.patchType but not response.patch')
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
}

const goKind = ({ apiVersion, kind }: JsonObject): string => `${typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion : `/${String(apiVersion ?? '')}`}, Kind=${String(kind ?? '')}`

function unsupported(patchType: unknown): never {
  throw new Error(`unsupported patch type ${JSON.stringify(patchType)}`)
}

const wrong = (field: string, type: string): Error => new Error(`json: cannot unmarshal into Go struct field AdmissionResponse.response.${field} of type ${type}`)

function flag(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw wrong('allowed', 'bool')
  return value
}

function texts(value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string')) throw wrong('warnings', '[]string')
  return value
}

function annotations(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value) || !Object.values(value).every((each) => typeof each === 'string')) throw wrong('auditAnnotations', 'map[string]string')
  return value as Record<string, string>
}

function decoded(patch: string): string {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(patch) || patch.length % 4 !== 0) throw new Error('illegal base64 data in response.patch')
  return Buffer.from(patch, 'base64').toString()
}

/** A refusal in the webhook's own words: ToStatusErr of k8s.io/apiserver. */
export function denial(webhook: string, said: JsonObject = {}): StatusError {
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`
  const text = (name: string): string => (typeof said[name] === 'string' ? (said[name] as string) : '')
  const because = text('message') || text('reason')
  const code = Number.isInteger(said.code) && (said.code as number) >= 400 && (said.code as number) <= 599 ? (said.code as number) : 400
  return new StatusError({
    apiVersion: 'v1', kind: 'Status', metadata: {},
    status: 'Failure',
    message: because ? `${by}: ${because}` : `${by} without explanation`,
    ...(text('reason') ? { reason: text('reason') } : {}),
    ...(isJsonObject(said.details) ? { details: said.details as Status['details'] } : {}),
    code,
  })
}

export const noDryRun = (webhook: string): StatusError => badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`)
