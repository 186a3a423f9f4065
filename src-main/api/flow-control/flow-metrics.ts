import { type Family, Histogram, type Labels, type Sample } from '../../base/metric-families.ts'
import type { Level, Refusal } from './level.ts'

/** Seconds; requestDurationSecondsBuckets of k8s.io/apiserver/pkg/util/flowcontrol/metrics. */
const buckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30]

export type RequestKind = 'mutating' | 'readOnly'

/** What has happened to the requests of one flow schema. */
export interface SchemaSeries {
  readonly labels: Labels
  executing: number
  waiting: number
  dispatched: number
  readonly rejected: Map<Refusal, number>
  /** By whether they were answered in the end. */
  readonly waited: Readonly<Record<'true' | 'false', Histogram>>
  readonly execution: Readonly<Record<'regular' | 'watch', Histogram>>
}

/** The apiserver_flowcontrol_* metrics, and the two older ones of requests in flight. There is a series for each schema that was ever met: as many as people made. */
export class FlowMetrics {
  readonly #series = new Map<string, SchemaSeries>()
  readonly executing: Record<RequestKind, number> = { mutating: 0, readOnly: 0 }
  readonly waiting: Record<RequestKind, number> = { mutating: 0, readOnly: 0 }

  seriesOf(schema: string, level: string): SchemaSeries {
    const key = `${schema}\n${level}`
    let found = this.#series.get(key)
    if (!found) {
      found = {
        labels: { priority_level: level, flow_schema: schema }, executing: 0, waiting: 0, dispatched: 0,
        rejected: new Map(),
        waited: { true: new Histogram(buckets), false: new Histogram(buckets) }, execution: { regular: new Histogram(buckets), watch: new Histogram(buckets) },
      }
      this.#series.set(key, found)
    }
    return found
  }

  families(levels: Iterable<Level>): Family[] {
    const all = [...this.#series.values()]
    const limits = [...levels]
    const perSchema = (value: (series: SchemaSeries) => number): Sample[] => all.map((series) => ({ labels: series.labels, value: value(series) }))
    const perLevel = (value: (level: Level) => number): Sample[] => limits.map((level) => ({ labels: { priority_level: level.name }, value: value(level) }))
    const family = (name: string, type: Family['type'], help: string, samples: readonly Sample[]): Family => ({ name: `apiserver_flowcontrol_${name}`, type, help, samples })
    const perCase = (label: string, histograms: (series: SchemaSeries) => Readonly<Record<string, Histogram>>): Sample[] =>
      all.flatMap((series) => Object.entries(histograms(series)).flatMap(([value, each]) => (each.isEmpty ? [] : each.samples({ ...series.labels, [label]: value }))))
    return [
      family('dispatched_requests_total', 'counter', 'Number of requests executed by API Priority and Fairness subsystem', perSchema(({ dispatched }) => dispatched)),
      family('rejected_requests_total', 'counter', 'Number of requests rejected by API Priority and Fairness subsystem',
        all.flatMap(({ labels, rejected }) => [...rejected].map(([reason, value]) => ({ labels: { ...labels, reason }, value })))),
      family('current_executing_requests', 'gauge', 'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem', perSchema(({ executing }) => executing)),
      family('current_executing_seats', 'gauge', 'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem', perSchema(({ executing }) => executing)),
      family('current_inqueue_requests', 'gauge', 'Number of requests currently pending in queues of the API Priority and Fairness subsystem', perSchema(({ waiting }) => waiting)),
      family('current_inqueue_seats', 'gauge', 'Number of seats currently pending in queues of the API Priority and Fairness subsystem', perSchema(({ waiting }) => waiting)),
      family('nominal_limit_seats', 'gauge', 'Nominal number of execution seats configured for each priority level', perLevel(({ seats }) => seats.nominal)),
      family('lower_limit_seats', 'gauge', 'Configured lower bound on number of execution seats available to each priority level', perLevel(({ seats }) => seats.kept)),
      family('upper_limit_seats', 'gauge', 'Configured upper bound on number of execution seats available to each priority level', perLevel(({ seats }) => seats.most)),
      family('request_wait_duration_seconds', 'histogram', 'Length of time a request spent waiting in its queue', perCase('execute', ({ waited }) => waited)),
      family('request_execution_seconds', 'histogram', 'Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
        perCase('type', ({ execution }) => execution)),
      perKind('apiserver_current_inflight_requests', 'Number of requests that are being answered, of those that take a seat, per request kind.', this.executing),
      perKind('apiserver_current_inqueue_requests', 'Number of requests that wait for a seat, per request kind.', this.waiting),
    ]
  }
}

const perKind = (name: string, help: string, counts: Readonly<Record<RequestKind, number>>): Family => ({
  name, help, type: 'gauge', samples: Object.entries(counts).map(([kind, value]) => ({ labels: { request_kind: kind }, value })),
})
