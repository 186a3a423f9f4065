import { Counters, type Family, Histograms } from '../../../base/metric-families.ts'
import type { MatchConditionMetrics } from '../match-condition-metrics.ts'

export type Sort = 'admit' | 'validating'

/** What came of a call. */
export interface Observed {
  readonly name: string
  readonly sort: Sort
  readonly operation: string
  readonly seconds: number
  /** HTTP's code: of the answer, or of what it failed with. */
  readonly code: number
  /** Absent when the request may go on. */
  readonly rejection?: 'calling_webhook_error' | 'apiserver_internal_error' | 'no_error'
  /** The webhook failed, and the request may go on all the same. */
  readonly failedOpen?: boolean
}

/** Seconds; as in k8s.io/apiserver/pkg/admission/metrics. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]

const helps = {
  durations: 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
  rejections: 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
  failedOpen: 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).',
  requests: 'Admission webhook request total, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
}

/** Counts calls of webhooks, in Kubernetes' names. The webhooks are an administrator's, so their number is bounded. */
export class WebhookMetrics {
  readonly conditions: MatchConditionMetrics
  readonly #durations = new Histograms('apiserver_admission_webhook_admission_duration_seconds', helps.durations, buckets)
  readonly #rejections = new Counters('apiserver_admission_webhook_rejection_count', helps.rejections)
  readonly #failedOpen = new Counters('apiserver_admission_webhook_fail_open_count', helps.failedOpen)
  readonly #requests = new Counters('apiserver_admission_webhook_request_total', helps.requests)

  constructor(conditions: MatchConditionMetrics) {
    this.conditions = conditions
  }

  observe({ name, sort, operation, seconds, code: answered, rejection, failedOpen }: Observed): void {
    // whoever answers makes it up
    const code = Math.min(answered, 600)
    const labels = { name, operation, rejected: String(rejection !== undefined), type: sort }
    this.#durations.observe(labels, seconds)
    this.#requests.add({ ...labels, code: String(code) })
    if (rejection) {
      const rejectionCode = rejection === 'no_error' ? String(code) : '0'
      this.#rejections.add({ name, operation, type: sort, error_type: rejection, rejection_code: rejectionCode })
    }
    if (failedOpen) this.#failedOpen.add({ name, type: sort })
  }

  families(): Family[] {
    return [this.#durations, this.#rejections, this.#failedOpen, this.#requests].map((each) => each.family())
  }
}
