import { Counters, type Family, Histograms, type Labels } from '../../base/metric-families.ts'

/** Seconds; as in k8s.io/apiserver/pkg/admission/metrics. */
const buckets = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25]

const helps = {
  errors: 'Admission match condition evaluation errors count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).',
  exclusions: 'Admission match condition evaluation exclusions count, identified by name of resource containing the match condition and broken out for each kind containing matchConditions (webhook or policy), operation and admission type (validate or admit).',
  seconds: 'Admission match condition evaluation time in seconds, identified by name and broken out for each kind containing matchConditions (webhook or policy), operation and type (validate or admit).',
}

/** Whose conditions a request was held against. */
export interface Conditional extends Labels {
  readonly name: string
  readonly kind: 'webhook' | 'policy'
  readonly type: 'admit' | 'validating' | 'validate'
  readonly operation: string
}

/** Counts what match conditions came to. Webhooks and policies are an administrator's, so their number is bounded. */
export class MatchConditionMetrics {
  readonly #errors = new Counters('apiserver_admission_match_condition_evaluation_errors_total', helps.errors)
  readonly #exclusions = new Counters('apiserver_admission_match_condition_exclusions_total', helps.exclusions)
  readonly #durations = new Histograms('apiserver_admission_match_condition_evaluation_seconds', helps.seconds, buckets)

  /** A condition could not be evaluated. */
  failed(of: Conditional): void {
    this.#errors.add(of)
  }

  /** A webhook is not asked, because a condition says so. */
  excluded(of: Conditional): void {
    this.#exclusions.add(of)
  }

  /** All conditions of one have been looked at, as far as was needed. */
  evaluated(of: Conditional, seconds: number): void {
    this.#durations.observe(of, seconds)
  }

  families(): Family[] {
    return [this.#errors.family(), this.#exclusions.family(), this.#durations.family()]
  }
}
