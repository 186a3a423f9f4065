import type { Family } from '../base/metric-families.ts'
import { QueueMetrics } from '../base/queue-metrics.ts'
import { ClientMetrics } from '../client/client-metrics.ts'
import { SchedulerMetrics } from '../scheduler/scheduler-metrics.ts'

/** What the controllers and the scheduler tell of themselves: in Kubernetes each at an address of its own, here they are one process. */
export class ComponentMetrics {
  readonly queues = new QueueMetrics()
  readonly scheduler = new SchedulerMetrics()
  readonly clients = new ClientMetrics()

  families(): Family[] {
    return [...this.queues.families(), ...this.scheduler.families(), ...this.clients.families()]
  }
}
