import { Counters, type Family, type Histogram, Histograms } from '../base/metric-families.ts'
import { StatusError } from '../kinds/status-error.ts'
import type { Client } from './client.ts'

/** Seconds; as in k8s.io/component-base/metrics/prometheus/restclient. */
const buckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

/** The clients are in the server's own process, and so there is no host's name. */
const host = 'in-process'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
type Method = (typeof methods)[number]

/** What the parts of this process ask of the API server, in client-go's names. */
export class ClientMetrics {
  readonly #requests = new Counters('rest_client_requests_total', 'Number of HTTP requests, partitioned by status code, method, and host.')
  readonly #durations = new Histograms('rest_client_request_duration_seconds', 'Request latency in seconds. Broken down by verb, and host.', buckets)
  readonly #byMethod: ReadonlyMap<Method, Histogram> = new Map(methods.map((method) => [method, this.#durations.one({ verb: method, host })]))

  /** The same client, whose requests are counted. */
  of(client: Client): Client {
    return {
      get: (kind, ref) => this.#timed('GET', client.get(kind, ref)),
      list: (kind, options) => this.#timed('GET', client.list(kind, options)),
      watch: (kind, options) => {
        this.#count('GET', 200)
        return client.watch(kind, options)
      },
      create: (kind, object) => this.#timed('POST', client.create(kind, object), 201),
      update: (kind, object) => this.#timed('PUT', client.update(kind, object)),
      updateStatus: (kind, object) => this.#timed('PUT', client.updateStatus(kind, object)),
      patch: (kind, ref, patch, options) => this.#timed('PATCH', client.patch(kind, ref, patch, options)),
      delete: (kind, ref, options) => this.#timed('DELETE', client.delete(kind, ref, options)),
      createSubresource: (kind, ref, subresource, body) => this.#timed('POST', client.createSubresource(kind, ref, subresource, body), 201),
    }
  }

  families(): Family[] {
    return [this.#requests.family(), this.#durations.family()]
  }

  async #timed<T>(method: Method, answer: Promise<T>, success = 200): Promise<T> {
    const began = performance.now()
    let code = success
    try {
      return await answer
    } catch (error) {
      code = error instanceof StatusError ? error.code : 500
      throw error
    } finally {
      this.#count(method, code)
      this.#byMethod.get(method)?.observe((performance.now() - began) / 1000)
    }
  }

  #count(method: Method, code: number): void {
    this.#requests.add({ code: String(code), method, host })
  }
}
