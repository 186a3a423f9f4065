import { Counters, exponentialBuckets, type Family, Histograms } from '../../base/metric-families.ts'
import type { Authorize } from '../authz.ts'
import { FilterMetrics } from '../filter-metrics.ts'

/** Seconds; as in k8s.io/apiserver/pkg/endpoints/filters/impersonation/metrics. */
const buckets = exponentialBuckets(0.001, 2, 15)

type Decision = 'allowed' | 'denied'

/** Counts who wished to be somebody else, and what that made the server ask, by the mode. */
export class ImpersonationMetrics {
  readonly #attempts = new Counters('apiserver_impersonation_attempts_total', 'Total number of impersonation attempts split by mode and decision.')
  readonly #durations = new Histograms('apiserver_impersonation_attempts_duration_seconds', 'Latency of impersonation attempts in seconds split by mode and decision.', buckets)
  readonly #questions = new Counters('apiserver_impersonation_authorization_attempts_total', 'Total number of authorization checks made by the impersonation handler split by mode and decision.')
  readonly #questionDurations = new Histograms('apiserver_impersonation_authorization_attempts_duration_seconds', 'Latency of authorization checks made by the impersonation handler in seconds split by mode and decision.', buckets)

  readonly #filters: FilterMetrics

  constructor(filters = new FilterMetrics()) {
    this.#filters = filters
  }

  /** Somebody may act in a mode, named by its verb, or in none. */
  attempted(decision: Decision, constraint: string | undefined, seconds: number): void {
    const labels = { mode: decision === 'denied' ? '' : modeOf(constraint ?? 'impersonate'), decision }
    this.#attempts.add(labels)
    this.#durations.observe(labels, seconds)
    this.#filters.observe('constrainedimpersonation', seconds)
  }

  /** The same authorizer, whose answers are counted. */
  asking(authorize: Authorize): Authorize {
    return (user, attributes) => {
      const began = performance.now()
      const answer = authorize(user, attributes)
      const labels = { mode: modeOf(attributes.verb), decision: answer.allowed ? 'allowed' : 'denied' }
      this.#questions.add(labels)
      this.#questionDurations.observe(labels, (performance.now() - began) / 1000)
      return answer
    }
  }

  families(): Family[] {
    return [this.#attempts, this.#durations, this.#questions, this.#questionDurations].map((each) => each.family())
  }
}

/** Of a verb like `impersonate:user-info` or `impersonate-on:user-info:get`; `legacy` before there were modes. */
function modeOf(verb: string): string {
  const [, mode = 'legacy'] = verb.split(':')
  return mode
}
