import { type Channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type Family, Histogram } from '../../base/metric-families.ts'
import { compiled, evaluated } from '../../kinds/custom/rule-times.ts'

/** Seconds; Prometheus' own, as in k8s.io/apiserver/pkg/cel/metrics. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** How long it takes to compile the rules of custom resources, and to evaluate them: of this process, until closed. */
export class RuleMetrics {
  readonly #compilations = new Followed(compiled)
  readonly #evaluations = new Followed(evaluated)

  families(): Family[] {
    return [
      { name: 'apiserver_cel_compilation_duration_seconds', type: 'histogram', help: 'CEL compilation time in seconds.', samples: this.#compilations.histogram.samples({}) },
      { name: 'apiserver_cel_evaluation_duration_seconds', type: 'histogram', help: 'CEL evaluation time in seconds.', samples: this.#evaluations.histogram.samples({}) },
    ]
  }

  close(): void {
    this.#compilations.close()
    this.#evaluations.close()
  }
}

/** Counts the seconds that a channel is told. */
class Followed {
  readonly histogram = new Histogram(buckets)
  readonly #name: string | symbol
  readonly #observe = (seconds: unknown): void => this.histogram.observe(seconds as number)

  constructor({ name }: Channel) {
    this.#name = name
    subscribe(name, this.#observe)
  }

  close(): void {
    unsubscribe(this.#name, this.#observe)
  }
}
