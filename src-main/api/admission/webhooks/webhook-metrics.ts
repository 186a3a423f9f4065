import { type Family, Histogram, type Labels, type Sample } from '../../exposition.ts'

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

/** Counts calls of webhooks, in Kubernetes' names. The webhooks are an administrator's, so their number is bounded. */
export class WebhookMetrics {
  readonly #durations = new Map<string, { labels: Labels; histogram: Histogram }>()
  readonly #counts = new Map<string, { metric: string; labels: Labels; value: number }>()

  observe({ name, sort, operation, seconds, code: answered, rejection, failedOpen }: Observed): void {
    // whoever answers makes it up
    const code = Math.min(answered, 600)
    const labels = { name, operation, rejected: String(rejection !== undefined), type: sort }
    const key = JSON.stringify(labels)
    let series = this.#durations.get(key)
    if (!series) this.#durations.set(key, (series = { labels, histogram: new Histogram(buckets) }))
    series.histogram.observe(seconds)
    this.#count('apiserver_admission_webhook_request_total', { ...labels, code: String(code) })
    if (rejection) {
      const rejectionCode = rejection === 'no_error' ? String(code) : '0'
      this.#count('apiserver_admission_webhook_rejection_count', { name, operation, type: sort, error_type: rejection, rejection_code: rejectionCode })
    }
    if (failedOpen) this.#count('apiserver_admission_webhook_fail_open_count', { name, type: sort })
  }

  families(): Family[] {
    const of = (metric: string): Sample[] => [...this.#counts.values()].filter((each) => each.metric === metric).map(({ labels, value }) => ({ labels, value }))
    return [
      {
        name: 'apiserver_admission_webhook_admission_duration_seconds', type: 'histogram',
        help: 'Admission webhook latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
        samples: [...this.#durations.values()].flatMap(({ labels, histogram }) => histogram.samples(labels)),
      },
      ...Object.entries(helps).map(([name, help]): Family => ({ name, help, type: 'counter', samples: of(name) })),
    ]
  }

  #count(metric: string, labels: Labels): void {
    const key = `${metric} ${JSON.stringify(labels)}`
    const known = this.#counts.get(key)
    if (known) known.value++
    else this.#counts.set(key, { metric, labels, value: 1 })
  }
}

const helps: Readonly<Record<string, string>> = {
  apiserver_admission_webhook_rejection_count: 'Admission webhook rejection count, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify an error type (calling_webhook_error or apiserver_internal_error if an error occurred; no_error otherwise) and optionally a non-zero rejection code if the webhook rejects the request with an HTTP status code (honored by the apiserver when the code is greater or equal to 400). Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
  apiserver_admission_webhook_fail_open_count: 'Admission webhook fail open count, identified by name and broken out for each admission type (validating or admit).',
  apiserver_admission_webhook_request_total: 'Admission webhook request total, identified by name and broken out for each admission type (validating or admit) and operation. Additional labels specify whether the request was rejected or not and an HTTP status code. Codes greater than 600 are truncated to 600, to keep the metrics cardinality bounded.',
}
