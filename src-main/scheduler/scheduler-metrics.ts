import { Counters, exponentialBuckets, type Family, Histogram, Histograms } from '../base/metric-families.ts'

/** Seconds; as in kubernetes/pkg/scheduler/metrics. */
const attemptBuckets = exponentialBuckets(0.001, 2, 15)
const waitBuckets = exponentialBuckets(0.01, 2, 20)
const attemptsBuckets = exponentialBuckets(1, 2, 5)

/** From so many attempts on they are not told apart. */
const manyAttempts = 15

/** How many pods wait, by what for. */
export type Pending = Readonly<Record<'active' | 'backoff' | 'unschedulable' | 'gated', number>>

/** What has become of the pods, in kube-scheduler's names. */
export class SchedulerMetrics {
  readonly #attempts = new Counters('scheduler_schedule_attempts_total', "Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.")
  readonly #durations = new Histograms('scheduler_scheduling_attempt_duration_seconds', 'Scheduling attempt latency in seconds (scheduling algorithm + binding)', attemptBuckets)
  readonly #waits = new Histograms('scheduler_pod_scheduling_sli_duration_seconds', 'E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.', waitBuckets)
  readonly #needed = new Histogram(attemptsBuckets)
  readonly #choices = new Histogram(attemptBuckets)
  #pending: (() => Pending) | undefined

  /** From now on `pending` knows who waits. */
  watch(pending: () => Pending): void {
    this.#pending = pending
  }

  /** It took so many seconds to find a node, or that there is none. */
  chosen(seconds: number): void {
    this.#choices.observe(seconds)
  }

  attempted(result: 'scheduled' | 'unschedulable' | 'error', profile: string, seconds: number): void {
    const labels = { result, profile }
    this.#attempts.add(labels)
    this.#durations.observe(labels, seconds)
  }

  /** A pod has its node, after so many attempts and so many seconds since it came. */
  scheduled(attempts: number, seconds: number): void {
    this.#needed.observe(attempts)
    this.#waits.observe({ attempts: attempts >= manyAttempts ? `${manyAttempts}+` : String(attempts) }, seconds)
  }

  families(): Family[] {
    const pending = Object.entries(this.#pending?.() ?? {})
    return [
      this.#attempts.family(), this.#durations.family(), this.#waits.family(),
      { name: 'scheduler_pod_scheduling_attempts', type: 'histogram', help: 'Number of attempts to successfully schedule a pod.', samples: this.#needed.samples({}) },
      { name: 'scheduler_scheduling_algorithm_duration_seconds', type: 'histogram', help: 'Scheduling algorithm latency in seconds', samples: this.#choices.samples({}) },
      {
        name: 'scheduler_pending_pods', type: 'gauge',
        help: "Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated.",
        samples: pending.map(([queue, value]) => ({ labels: { queue }, value })),
      },
    ]
  }
}
