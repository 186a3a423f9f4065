import { type Family, Histogram, type Labels } from '../../exposition.ts'

/** Seconds; as in k8s.io/apiserver/pkg/admission/plugin/policy/validating/metrics. */
const buckets = [0.0000005, 0.001, 0.01, 0.1, 1]

export type ErrorType = 'compile_error' | 'invalid_error' | 'out_of_budget' | 'no_error'

export interface Checked {
  readonly policy: string
  readonly binding: string
  readonly errorType: ErrorType
  /** What the check led to. */
  readonly action: 'allow' | 'deny' | 'audit' | 'warn'
  readonly seconds: number
}

const helps = {
  total: 'Validation admission policy check total, labeled by policy and further identified by binding and enforcement action taken.',
  duration: 'Validation admission latency for individual validation expressions in seconds, labeled by policy and further including binding and enforcement action taken.',
}

/** Counts what validating policies had against requests, as Kubernetes does: what they have nothing against is not counted. The policies are an administrator's, so their number is bounded. */
export class PolicyMetrics {
  readonly #series = new Map<string, { readonly labels: Labels; readonly durations: Histogram }>()

  observe({ policy, binding, errorType, action, seconds }: Checked): void {
    const key = `${policy}\n${binding}\n${errorType}\n${action}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { labels: { policy, policy_binding: binding, error_type: errorType, enforcement_action: action }, durations: new Histogram(buckets) }))
    series.durations.observe(seconds)
  }

  families(): Family[] {
    const all = [...this.#series.values()]
    const name = 'apiserver_validating_admission_policy_check'
    return [
      { name: `${name}_total`, type: 'counter', help: helps.total, samples: all.map(({ labels, durations: { count } }) => ({ labels, value: count })) },
      { name: `${name}_duration_seconds`, type: 'histogram', help: helps.duration, samples: all.flatMap(({ labels, durations }) => durations.samples(labels)) },
    ]
  }
}
