import { type Family, Histogram } from '../base/metric-families.ts'

/** Seconds; as in k8s.io/apiserver/pkg/endpoints/metrics. */
const buckets = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30]

/** What a request goes through before it is answered, as kube-apiserver calls it. */
const filters = ['authentication', 'authorization', 'constrainedimpersonation', 'priorityandfairness'] as const

/** How long each filter kept a request. */
export class FilterMetrics {
  readonly #durations = new Map(filters.map((filter) => [filter, new Histogram(buckets)]))

  observe(filter: (typeof filters)[number], seconds: number): void {
    this.#durations.get(filter)?.observe(seconds)
  }

  families(): Family[] {
    return [{
      name: 'apiserver_request_filter_duration_seconds', type: 'histogram', help: 'Request filter latency distribution in seconds, for each filter type',
      samples: [...this.#durations].flatMap(([filter, each]) => (each.isEmpty ? [] : each.samples({ filter }))),
    }]
  }
}
