import { Counters, type Family, Histograms, type Labels } from '../../../base/metric-families.ts'
import type { MatchConditionMetrics } from '../match-condition-metrics.ts'

/** Seconds; as in k8s.io/apiserver/pkg/admission/plugin/policy/validating/metrics, and mutating/metrics. */
const buckets = [0.0000005, 0.001, 0.01, 0.1, 1]

type ErrorType = 'compile_error' | 'invalid_error' | 'out_of_budget' | 'no_error'

interface Checked {
  readonly policy: string
  readonly binding: string
  readonly errorType: ErrorType
  readonly seconds: number
}

const helps = {
  validating: {
    total: 'Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.',
    duration: 'Validation admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.',
  },
  mutating: {
    total: 'Mutation admission policy check total, labeled by policy and further identified by binding.',
    duration: 'Mutation admission latency for individual mutation expressions in seconds, labeled by policy and binding.',
  },
}

/** What policies of one sort did. The policies are an administrator's, so their number is bounded. */
class PolicyMetrics {
  readonly conditions: MatchConditionMetrics
  readonly #total: Counters
  readonly #durations: Histograms

  constructor(sort: 'validating' | 'mutating', conditions: MatchConditionMetrics) {
    this.conditions = conditions
    const name = `apiserver_${sort}_admission_policy_check`
    this.#total = new Counters(`${name}_total`, helps[sort].total)
    this.#durations = new Histograms(`${name}_duration_seconds`, helps[sort].duration, buckets)
  }

  families(): Family[] {
    return [this.#total.family(), this.#durations.family()]
  }

  protected count({ policy, binding, errorType, seconds }: Checked, more: Labels = {}): void {
    const labels = { policy, policy_binding: binding, error_type: errorType, ...more }
    this.#total.add(labels)
    this.#durations.observe(labels, seconds)
  }
}

/** Counts what validating policies had against requests, as Kubernetes does: what they have nothing against is not counted. */
export class ValidatingPolicyMetrics extends PolicyMetrics {
  constructor(conditions: MatchConditionMetrics) {
    super('validating', conditions)
  }

  /** `action`: what the check led to. */
  observe(checked: Checked & { readonly action: 'allow' | 'deny' | 'audit' | 'warn' }): void {
    this.count(checked, { enforcement_action: checked.action })
  }
}

/** Counts what became of mutations. */
export class MutatingPolicyMetrics extends PolicyMetrics {
  constructor(conditions: MatchConditionMetrics) {
    super('mutating', conditions)
  }

  observe(checked: Checked): void {
    this.count(checked)
  }
}

/** By what it says, as in Kubernetes: a plain no is invalid_error too. */
export function errorTypeOf(message: string): ErrorType {
  if (message.startsWith('compilation')) return 'compile_error'
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error'
}
