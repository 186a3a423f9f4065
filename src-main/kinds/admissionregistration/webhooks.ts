import type { Steps } from '../../base/turns.ts'
import { checkSelector } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../generated/types.ts'
import type { Column } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import { isDNS1035Label, isDNS1123Subdomain } from '../validation.ts'
import { checkWebhookClient } from '../webhook-client.ts'
import { checkMatchConditions } from './match-conditions.ts'
import { checkRule } from './rules.ts'

type Webhook = MutatingWebhook | ValidatingWebhook

interface Configuration extends KubeObject {
  webhooks?: Webhook[]
}

export const webhookColumns: ReadonlyArray<Column<Configuration>> = [
  { name: 'Webhooks', type: 'integer', description: 'Webhooks indicates the number of webhooks registered in this configuration', cell: ({ webhooks }) => webhooks?.length ?? 0 },
  age,
]

/** admissionregistration/v1's SetDefaults of a webhook, and of the rules in it. */
export function defaultWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443
}

/** `more`: what only one sort of webhooks has. */
export function* checkWebhooks<T extends Webhook>(
  webhooks: readonly T[] = [],
  at: FieldPath,
  old: readonly T[] | undefined,
  more: (webhook: T, at: FieldPath) => FieldError[] = () => [],
): Steps<FieldError[]> {
  const names = new Set<string>()
  const errors: FieldError[] = []
  // what was wrong before and is wrong all over may stay so
  const strict = {
    sideEffects: (old ?? []).every(({ sideEffects }) => withoutEffects.includes(sideEffects)),
    versions: (old ?? []).every(({ admissionReviewVersions: versions = [] }) => versions.length === 0 || versions.some((version) => reviewVersions.includes(version))),
    names: new Set((old ?? []).map(({ name }) => name)).size === (old ?? []).length,
  }
  const known = new Map(old?.toReversed().map((webhook) => [webhook.name, webhook]))
  for (const [i, webhook] of webhooks.entries()) {
    const here = at.child(i)
    const before = known.get(webhook.name)
    errors.push(
      ...checkWebhook(webhook, here, strict.sideEffects),
      ...more(webhook, here),
      ...checkWebhookClient(webhook.clientConfig ?? {}, here.child('clientConfig')).filter(({ field }) => !field.endsWith('.caBundle')),
      ...(yield* checkMatchConditions(webhook.matchConditions, here.child('matchConditions'), before?.matchConditions)),
      ...checkReviewVersions(webhook.admissionReviewVersions, here.child('admissionReviewVersions'), strict.versions),
    )
    if (strict.names && names.has(webhook.name)) errors.push(here.child('name').duplicate(webhook.name))
    if (webhook.name) names.add(webhook.name)
    yield
  }
  return errors
}

const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const effects = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const withoutEffects = ['None', 'NoneOnDryRun']

function checkWebhook(webhook: Webhook, at: FieldPath, strict: boolean): FieldError[] {
  const { name, rules = [], failurePolicy = 'Fail', matchPolicy = 'Equivalent', sideEffects, timeoutSeconds = 10 } = webhook
  const errors = [...checkName(name, at.child('name')), ...rules.flatMap((rule, i) => checkRule(rule, at.child('rules', i)))]
  if (!failurePolicies.includes(failurePolicy)) errors.push(at.child('failurePolicy').notSupported(failurePolicy, failurePolicies))
  if (!matchPolicies.includes(matchPolicy)) errors.push(at.child('matchPolicy').notSupported(matchPolicy, matchPolicies))
  const allowed = strict ? withoutEffects : effects
  if (!sideEffects) errors.push(at.child('sideEffects').required(`must specify one of ${allowed.join(', ')}`))
  else if (!allowed.includes(sideEffects)) errors.push(at.child('sideEffects').notSupported(sideEffects, allowed))
  if (timeoutSeconds < 1 || timeoutSeconds > 30) errors.push(at.child('timeoutSeconds').invalid(timeoutSeconds, 'the timeout value must be between 1 and 30 seconds'))
  errors.push(...checkSelector(webhook.namespaceSelector, at.child('namespaceSelector')))
  return [...errors, ...checkSelector(webhook.objectSelector, at.child('objectSelector'))]
}

function checkName(name: string, at: FieldPath): FieldError[] {
  if (!name) return [at.required()]
  const sentences = isDNS1123Subdomain(name)
  if (sentences.length > 0) return [at.invalid(name, sentences.join(','))]
  return name.split('.').length < 3 ? [at.invalid(name, 'should be a domain with at least three segments separated by dots')] : []
}

const reviewVersions = ['v1', 'v1beta1']

function checkReviewVersions(versions: readonly string[] = [], at: FieldPath, strict: boolean): FieldError[] {
  if (versions.length === 0) return [at.required(`must specify one of ${reviewVersions.join(', ')}`)]
  const seen = new Set<string>()
  const errors = versions.flatMap((version, i) => {
    if (seen.has(version)) return [at.child(i).invalid(version, 'duplicate version')]
    seen.add(version)
    return isDNS1035Label(version).map((sentence) => at.child(i).invalid(version, sentence))
  })
  if (strict && !versions.some((version) => reviewVersions.includes(version))) errors.push(at.invalid(versions, `must include at least one of ${reviewVersions.join(', ')}`))
  return errors
}
