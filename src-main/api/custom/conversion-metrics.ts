import { Counters, exponentialBuckets, type Family, Histograms } from '../../base/metric-families.ts'

/** Seconds; as in apiextensions-apiserver/pkg/apiserver/conversion. */
const requestBuckets = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60]
const conversionBuckets = exponentialBuckets(0.001, 2, 15)

/** What was wrong with an answer, or that there was none. */
export type ConversionFailure =
  | 'conversion_webhook_call_failure' | 'conversion_webhook_malformed_response_failure'
  | 'conversion_webhook_partial_response_failure' | 'conversion_webhook_invalid_converted_object_failure'

export interface Conversion {
  /** The definition's name. */
  readonly definition: string
  /** Versions without their group. */
  readonly from: string
  readonly to: string
  readonly seconds: number
  readonly failure?: ConversionFailure | undefined
}

/** Counts what webhooks converted. The definitions are an administrator's, so their number is bounded. */
export class ConversionMetrics {
  readonly #requests = new Counters('apiserver_conversion_webhook_request_total', 'Counter for conversion webhook requests with success/failure and failure error type')
  readonly #durations = new Histograms('apiserver_conversion_webhook_duration_seconds', 'Conversion webhook request latency', requestBuckets)
  readonly #conversions = new Histograms('apiserver_crd_conversion_webhook_duration_seconds', 'CRD webhook conversion duration in seconds', conversionBuckets)

  observe({ definition, from, to, seconds, failure }: Conversion): void {
    const labels = { result: failure ? 'failure' : 'success', failure_type: failure ?? '' }
    this.#requests.add(labels)
    this.#durations.observe(labels, seconds)
    this.#conversions.observe({ crd_name: definition, from_version: from, to_version: to, succeeded: String(!failure) }, seconds)
  }

  families(): Family[] {
    return [this.#requests, this.#durations, this.#conversions].map((each) => each.family())
  }
}
