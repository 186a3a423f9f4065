import { Later } from '../../base/turns.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { type Family, Histogram, type Labels } from '../exposition.ts'
import type { AdmissionRequest } from './chain.ts'

/** Seconds; as in k8s.io/apiserver/pkg/admission/metrics. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

type Operation = AdmissionRequest['operation']
type Step = 'admit' | 'validate'
type Series = Readonly<Record<Operation, { readonly passed: Histogram; readonly rejected: Histogram }>>

const seriesOf = (): Series => {
  const both = () => ({ passed: new Histogram(buckets), rejected: new Histogram(buckets) })
  return { CREATE: both(), UPDATE: both(), DELETE: both(), CONNECT: both() }
}

/** How long everybody together took to admit an object, and to judge it. Whom reviewers are asked about is counted there, and not in the commit again. */
export class StepMetrics {
  readonly #reviewed = new WeakSet<KubeObject>()
  readonly #steps: Readonly<Record<Step, Series>> = { admit: seriesOf(), validate: seriesOf() }

  /** Of what is done at once. */
  run(step: Step, request: AdmissionRequest, act: () => void): void {
    if (this.#reviewed.has(request.object)) return act()
    const began = performance.now()
    try {
      act()
    } catch (error) {
      // it comes again
      if (!(error instanceof Later)) this.#observe(step, request, 'rejected', began)
      throw error
    }
    this.#observe(step, request, 'passed', began)
  }

  /** Of what has to wait for others. */
  async review<T>(step: Step, request: AdmissionRequest, act: () => Promise<T>): Promise<T> {
    this.#reviewed.add(request.object)
    const began = performance.now()
    let how: 'passed' | 'rejected' = 'rejected'
    try {
      const result = await act()
      how = 'passed'
      return result
    } finally {
      this.#observe(step, request, how, began)
    }
  }

  families(): Family[] {
    const samples = Object.entries(this.#steps).flatMap(([type, series]) => Object.entries(series).flatMap(([operation, { passed, rejected }]) => {
      const labels = (refused: boolean): Labels => ({ type, operation, rejected: String(refused) })
      return [...(passed.isEmpty ? [] : passed.samples(labels(false))), ...(rejected.isEmpty ? [] : rejected.samples(labels(true)))]
    }))
    const help = 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).'
    return [{ name: 'apiserver_admission_step_admission_duration_seconds', type: 'histogram', help, samples }]
  }

  #observe(step: Step, { operation }: AdmissionRequest, how: 'passed' | 'rejected', began: number): void {
    this.#steps[step][operation][how].observe((performance.now() - began) / 1000)
  }
}
