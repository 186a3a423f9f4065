import type { Family, Sample } from './metric-families.ts'
import type { WorkQueue } from './workqueue.ts'

type Queue = Pick<WorkQueue, 'adds' | 'retries' | 'depth' | 'working' | 'waited' | 'worked'>

/** What client-go calls the figures of a queue, in k8s.io/component-base/metrics/prometheus/workqueue. */
const figures: ReadonlyArray<Omit<Family, 'samples'> & { of(queue: Queue): number | Queue['waited'] }> = [
  { name: 'workqueue_adds_total', type: 'counter', help: 'Total number of adds handled by workqueue', of: ({ adds }) => adds },
  { name: 'workqueue_depth', type: 'gauge', help: 'Current depth of workqueue', of: ({ depth }) => depth },
  { name: 'workqueue_longest_running_processor_seconds', type: 'gauge', help: 'How many seconds has the longest running processor for workqueue been running.', of: ({ working }) => Math.max(0, ...working) },
  { name: 'workqueue_queue_duration_seconds', type: 'histogram', help: 'How long in seconds an item stays in workqueue before being requested.', of: ({ waited }) => waited },
  { name: 'workqueue_retries_total', type: 'counter', help: 'Total number of retries handled by workqueue', of: ({ retries }) => retries },
  {
    name: 'workqueue_unfinished_work_seconds', type: 'gauge',
    help: "How many seconds of work has done that is in progress and hasn't been observed by work_duration. Large values indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.",
    of: ({ working }) => working.reduce((sum, seconds) => sum + seconds, 0),
  },
  { name: 'workqueue_work_duration_seconds', type: 'histogram', help: 'How long in seconds processing an item from workqueue takes.', of: ({ worked }) => worked },
]

/** The work queues of a process, by what Kubernetes calls them. */
export class QueueMetrics {
  readonly #queues = new Map<string, Queue>()

  /** Tells of the queue from now on; a name is one queue's. */
  watch<Q extends Queue>(name: string, queue: Q): Q {
    this.#queues.set(name, queue)
    return queue
  }

  families(): Family[] {
    const queues = [...this.#queues]
    return figures.map(({ of, ...family }) => ({
      ...family,
      samples: queues.flatMap(([name, queue]): Sample[] => {
        const figure = of(queue)
        return typeof figure === 'number' ? [{ labels: { name }, value: figure }] : figure.samples({ name })
      }),
    }))
  }
}
