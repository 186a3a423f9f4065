import { type Family, Histogram } from '../base/metric-families.ts'

const hour = 3600
const day = 24 * hour
/** Seconds; as in k8s.io/apiserver/pkg/authentication/request/x509. */
const buckets = [0, hour / 2, hour, 2 * hour, 6 * hour, 12 * hour, day, 2 * day, 4 * day, 7 * day, 30 * day, 90 * day, 180 * day, 360 * day]

/** How long the certificates will still be good that clients prove with who they are. */
export class CertificateMetrics {
  readonly #remaining = new Histogram(buckets)

  /** A request came with a certificate that ends then: a date as OpenSSL writes it. */
  seen(validTo: string): void {
    this.#remaining.observe((Date.parse(validTo) - Date.now()) / 1000)
  }

  families(): Family[] {
    return [{
      name: 'apiserver_client_certificate_expiration_seconds', type: 'histogram', help: 'Distribution of the remaining lifetime on the certificate used to authenticate a request.',
      samples: this.#remaining.samples({}),
    }]
  }
}
