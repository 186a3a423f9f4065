import type { Family } from '../../../base/metric-families.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../kinds/generated/types.ts'
import type { Store } from '../../../store/store.ts'
import { server } from '../../server-user.ts'
import type { AdmissionRequest, Reviewer } from '../chain.ts'
import { MatchConditionMetrics } from '../match-condition-metrics.ts'
import { ask, type AskDependencies, isMeant, shownIn } from './ask.ts'
import { type Call, type Configurations, followMutating, followValidating } from './configurations.ts'
import { mutate } from './mutate.ts'
import { WebhookMetrics } from './webhook-metrics.ts'

export interface WebhookAdmission {
  /** For the registry. Asks nobody before `start`. */
  readonly reviewer: Reviewer
  /** Begins to ask the webhooks that are configured; after the server's own first writes, which no webhook shall keep it from. */
  start(): Promise<void>
  families(): Family[]
  close(): void
}

export interface WebhookAdmissionOptions extends Omit<AskDependencies, 'metrics'> {
  readonly store: Store
  /** Where to count what match conditions come to: policies have some too. */
  readonly conditions?: MatchConditionMetrics
}

/** Mutating and validating webhooks, as their configurations in the store say. */
export function createWebhookAdmission({ store, conditions = new MatchConditionMetrics(), ...more }: WebhookAdmissionOptions): WebhookAdmission {
  const deps: AskDependencies = { ...more, metrics: new WebhookMetrics(conditions) }
  let mutating: Configurations<MutatingWebhook> | undefined
  let validating: Configurations<ValidatingWebhook> | undefined
  const reviewer: Reviewer = {
    name: 'AdmissionWebhooks',
    concerns: (concern) => (mutating?.concerning(concern).length ?? 0) > 0 || (validating?.concerning(concern).length ?? 0) > 0,
    async admit(request) {
      const calls = isOwn(request) ? [] : (mutating?.concerning(request) ?? [])
      return calls.length > 0 ? waited(request, mutate(deps, calls, request)) : undefined
    },
    async validate(request) {
      const calls = isOwn(request) ? [] : (validating?.concerning(request) ?? [])
      if (calls.length > 0) await waited(request, validate(deps, calls, request))
    },
  }
  return {
    reviewer,
    async start() {
      mutating = await followMutating(store)
      validating = await followValidating(store)
    },
    families: () => deps.metrics.families(),
    close() {
      mutating?.close()
      validating?.close()
    },
  }
}

/** Notes how long others kept the request. */
async function waited<T>({ context: { waits } }: AdmissionRequest, answer: Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await answer
  } finally {
    if (waits) waits.waitedMs = (waits.waitedMs ?? 0) + performance.now() - began
  }
}

/** What the server writes for itself, as at its start: a webhook that runs in the cluster could keep it from ever coming up. */
const isOwn = ({ context }: AdmissionRequest): boolean => context.user === server

/** Asks all webhooks at once. @throws StatusError what the first of them in their order says */
async function validate(deps: AskDependencies, calls: ReadonlyArray<Call<ValidatingWebhook>>, request: AdmissionRequest): Promise<void> {
  const meant: Array<Call<ValidatingWebhook>> = []
  for (const call of calls) if (await isMeant(deps, call, request, 'validating')) meant.push(call)
  const outcomes = await Promise.allSettled(meant.map(async (call) => ask(deps, call, request, await shownIn(call, request), 'validating')))
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  if (refused) throw refused.reason
}
