import { type Family, Histogram, type Labels, type Sample } from '../../base/metric-families.ts'
import { Later } from '../../base/turns.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { AdmissionRequest } from './chain.ts'

/** Seconds; as in k8s.io/apiserver/pkg/admission/metrics. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

type Operation = AdmissionRequest['operation']
type Step = 'admit' | 'validate'
interface Outcomes {
  readonly passed: Histogram
  readonly rejected: Histogram
}
type Series = Readonly<Record<Step, Readonly<Record<Operation, Outcomes>>>>

const newSeries = (): Series => {
  const outcomes = (): Outcomes => ({ passed: new Histogram(buckets), rejected: new Histogram(buckets) })
  const operations = () => ({ CREATE: outcomes(), UPDATE: outcomes(), DELETE: outcomes(), CONNECT: outcomes() })
  return { admit: operations(), validate: operations() }
}

/** How long everybody took to admit an object, and to judge it, one by one and together. Whom reviewers are asked about is counted there, and not in the commit again. */
export class StepMetrics {
  readonly #reviewed = new WeakSet<KubeObject>()
  readonly #steps = newSeries()
  readonly #controllers = new Map<string, Series>()

  /** Of what is done at once. */
  run(step: Step, request: AdmissionRequest, act: (laps?: Laps) => void): void {
    if (this.#reviewed.has(request.object)) return act()
    const began = performance.now()
    try {
      act(this.#laps(step, request, began))
    } catch (error) {
      // it comes again
      if (!(error instanceof Later)) observe(this.#steps[step][request.operation].rejected, began)
      throw error
    }
    observe(this.#steps[step][request.operation].passed, began)
  }

  /** Of what has to wait for others. */
  async review<T>(step: Step, request: AdmissionRequest, act: (laps: Laps) => Promise<T>): Promise<T> {
    this.#reviewed.add(request.object)
    const began = performance.now()
    let how: keyof Outcomes = 'rejected'
    try {
      const result = await act(this.#laps(step, request, began))
      how = 'passed'
      return result
    } finally {
      observe(this.#steps[step][request.operation][how], began)
    }
  }

  families(): Family[] {
    const controllers = [...this.#controllers].flatMap(([name, series]) => samplesOf(series, { name }))
    return [
      { name: 'apiserver_admission_step_admission_duration_seconds', type: 'histogram', help: helps.step, samples: samplesOf(this.#steps) },
      { name: 'apiserver_admission_controller_admission_duration_seconds', type: 'histogram', help: helps.controller, samples: controllers },
    ]
  }

  #laps(step: Step, { operation }: AdmissionRequest, began: number): Laps {
    return new Laps((name) => {
      let series = this.#controllers.get(name)
      if (!series) this.#controllers.set(name, (series = newSeries()))
      return series[step][operation]
    }, began)
  }
}

/** Times those who are asked one after the other: the end of one is the beginning of the next. */
export class Laps {
  readonly #outcomes: (name: string) => Outcomes
  #began: number

  constructor(outcomes: (name: string) => Outcomes, began: number) {
    this.#outcomes = outcomes
    this.#began = began
  }

  passed(name: string): void {
    this.#began = observe(this.#outcomes(name).passed, this.#began)
  }

  rejected(name: string, error: unknown): void {
    if (!(error instanceof Later)) this.#began = observe(this.#outcomes(name).rejected, this.#began)
  }
}

/** The time it is, in ms as `began`. */
function observe(histogram: Histogram, began: number): number {
  const now = performance.now()
  histogram.observe((now - began) / 1000)
  return now
}

const samplesOf = (series: Series, labels: Labels = {}): Sample[] =>
  Object.entries(series).flatMap(([type, operations]) => Object.entries(operations).flatMap(([operation, { passed, rejected }]) => {
    const of = (histogram: Histogram, refused: boolean) => (histogram.isEmpty ? [] : histogram.samples({ ...labels, type, operation, rejected: String(refused) }))
    return [...of(passed, false), ...of(rejected, true)]
  }))

const helps = {
  step: 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
  controller: 'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
}
