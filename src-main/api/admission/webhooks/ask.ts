import { randomUUID } from 'node:crypto'
import { errorMessage, type Logger } from '../../../base/log.ts'
import type { JsonObject } from '../../../base/json.ts'
import { turns } from '../../../base/turns.ts'
import { forbidden, internal, StatusError, timedOut } from '../../../kinds/status-error.ts'
import { isQualifiedName } from '../../../kinds/validation.ts'
import type { Authorize } from '../../authz.ts'
import { converting } from '../../converting.ts'
import type { RequestContext } from '../../verbs.ts'
import { inVersion } from '../../versions.ts'
import type { WebhookCaller } from '../../webhooks/call.ts'
import type { AdmissionRequest } from '../chain.ts'
import { selected } from '../match-rules.ts'
import { meets } from '../policies/match-conditions.ts'
import { variablesOf } from '../policies/request-variables.ts'
import { admissionReview, reviewVersion, type ShownObjects } from './admission-review.ts'
import { denial, noDryRun, type Verdict, verdictOf } from './admission-response.ts'
import type { Call, Webhook } from './configurations.ts'
import type { Sort, WebhookMetrics } from './webhook-metrics.ts'

export interface AskDependencies {
  readonly caller: WebhookCaller
  /** For `authorizer` in match conditions. */
  readonly authorize?: Authorize
  readonly metrics: WebhookMetrics
  readonly log: Logger
}

/** Whether the webhook is to be asked, beyond its rules: selectors and match conditions. @throws StatusError 403 when that cannot be found out */
export async function isMeant({ authorize, metrics }: AskDependencies, { hook, kind }: Call, request: AdmissionRequest, sort: Sort): Promise<boolean> {
  const { webhook } = hook
  if (!selected(webhook, request)) return false
  const conditions = await hook.conditions()
  if (conditions.length === 0) return true
  const matched = request.type ? request.kind : kind
  const variables = await converting(request.kind, () => turns.run(variablesOf(request, matched, authorize)))
  const of = { name: webhook.name, kind: 'webhook', type: sort, operation: request.operation } as const
  const met = await turns.run(meets(conditions, () => variables, { of, failurePolicy: webhook.failurePolicy, metrics: metrics.conditions }))
  if ('error' in met) throw forbidden(request.kind, request.name, met.error)
  if (!met.met) metrics.conditions.excluded(of)
  return met.met
}

/** The request's objects in the version that the webhook's rules are about; of what is deleted only how it was. */
export function shownIn({ kind }: Call, request: AdmissionRequest): Promise<ShownObjects> {
  const { operation, type, object, old } = request
  return converting(request.kind, () => {
    const form = (each: typeof object | typeof old) => (each ? (type ? each : inVersion(request.kind, kind, each)) : null)
    return { kind, object: operation === 'DELETE' ? null : form(object), old: form(old) }
  })
}

/** What kept a webhook from answering; its failurePolicy says what that means. */
class CallFailed extends Error {
  constructor({ name }: Readonly<Webhook>, cause: unknown, what = '') {
    super(`failed calling webhook ${JSON.stringify(name)}: ${what}${errorMessage(cause)}`, { cause })
  }
}

/**
 * Asks a webhook. Resolves with what it says when the request may go on, and with nothing when it failed and its failurePolicy
 * is Ignore.
 *
 * @throws StatusError
 */
export async function ask(deps: AskDependencies, call: Call, request: AdmissionRequest, shown: ShownObjects, sort: Sort, round = 0): Promise<Verdict | undefined> {
  const { metrics, log } = deps
  const { webhook, configuration, index } = call.hook
  const { context, operation } = request
  const began = performance.now()
  const observed = () => ({ name: webhook.name, sort, operation, seconds: (performance.now() - began) / 1000 })
  if (remainingMs(context) <= 0) throw tooLate()
  try {
    const verdict = await answered(deps.caller, webhook, request, shown, sort === 'admit')
    tell(request, webhook.name, verdict)
    if (!verdict.allowed) throw denial(webhook.name, verdict.status)
    metrics.observe({ ...observed(), code: 200 })
    return verdict
  } catch (error) {
    if (!(error instanceof CallFailed)) {
      const said = error instanceof StatusError && error.message.includes('denied the request')
      metrics.observe({ ...observed(), code: error instanceof StatusError ? error.code : 500, rejection: said ? 'no_error' : 'apiserver_internal_error' })
      throw error
    }
    // whatever the policy: nobody waits for the others any more
    if (remainingMs(context) <= 0) throw tooLate()
    if (webhook.failurePolicy !== 'Ignore') {
      metrics.observe({ ...observed(), code: 500, rejection: 'calling_webhook_error' })
      throw internal(error.message)
    }
    metrics.observe({ ...observed(), code: 500, failedOpen: true })
    log.warn('failed calling webhook, failing open', { configuration, webhook: webhook.name, error: error.message })
    const prefix = `failed-open.${sort === 'admit' ? 'mutation' : 'validating'}.webhook.admission.k8s.io`
    if (context.audit) context.audit[`${prefix}/round_${round}_index_${index}`] = webhook.name
    return undefined
  }
}

const remainingMs = ({ until = Infinity }: RequestContext): number => until - performance.now()
const tooLate = (): StatusError => timedOut('request did not complete within requested timeout - context deadline exceeded')

const withoutEffects: readonly string[] = ['None', 'NoneOnDryRun']

async function answered(caller: WebhookCaller, webhook: Readonly<Webhook>, request: AdmissionRequest, shown: ShownObjects, mutating: boolean): Promise<Verdict> {
  const { admissionReviewVersions, clientConfig, timeoutSeconds = 10, sideEffects, name } = webhook
  if (request.context.dryRun && !withoutEffects.includes(sideEffects)) throw noDryRun(name)
  const version = reviewVersion(admissionReviewVersions)
  if (!version) throw new CallFailed(webhook, 'webhook does not accept known AdmissionReview versions (v1, v1beta1)', 'could not create admission objects: ')
  const uid = randomUUID()
  let answer: JsonObject
  try {
    answer = await caller.call(clientConfig, admissionReview(request, shown, version, uid), { timeoutMs: Math.min(timeoutSeconds * 1000, remainingMs(request.context)) })
  } catch (error) {
    throw new CallFailed(webhook, error, 'failed to call webhook: ')
  }
  try {
    return verdictOf(answer, uid, version, mutating)
  } catch (error) {
    throw new CallFailed(webhook, error, 'received invalid webhook response: ')
  }
}

function tell({ context }: AdmissionRequest, webhook: string, { warnings, auditAnnotations }: Verdict): void {
  context.warnings.push(...warnings)
  if (!context.audit) return
  for (const [name, value] of Object.entries(auditAnnotations)) {
    const key = `${webhook}/${name}`
    // the first to say something is believed
    if (isQualifiedName(key).length === 0 && !Object.hasOwn(context.audit, key)) context.audit[key] = value
  }
}
