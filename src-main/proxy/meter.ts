import { performance } from 'node:perf_hooks'
import type { EndpointTraffic } from '../kinds/traffic.ts'

const samplesBound = 100

/** An open connection or session: its bytes so far, read off whenever somebody asks. A net.Socket is one. */
export interface Flow {
  /** From the endpoint. */
  readonly bytesRead: number
  /** To the endpoint. */
  readonly bytesWritten: number
}

/** Counts what one endpoint of one Service port got. */
export class Meter {
  #connections = 0
  #failures = 0
  #received = 0
  #sent = 0
  readonly #open = new Set<Flow>()
  readonly #connectMs: number[] = []

  get active(): number {
    return this.#open.size
  }

  /** Starts timing an attempt to connect; the returned function is called when it has succeeded. */
  connecting(): (flow: Flow) => void {
    const started = performance.now()
    return (flow) => {
      this.#connectMs.push(performance.now() - started)
      if (this.#connectMs.length > samplesBound) this.#connectMs.shift()
      this.#connections++
      this.#open.add(flow)
    }
  }

  failed(): void {
    this.#failures++
  }

  closed(flow: Flow): void {
    if (!this.#open.delete(flow)) return
    this.#received += flow.bytesRead
    this.#sent += flow.bytesWritten
  }

  read(): Omit<EndpointTraffic, 'address' | 'pod' | 'ready'> {
    let bytesReceived = this.#received
    let bytesSent = this.#sent
    for (const flow of this.#open) {
      bytesReceived += flow.bytesRead
      bytesSent += flow.bytesWritten
    }
    const samples = this.#connectMs
    const mean = samples.reduce((sum, ms) => sum + ms, 0) / samples.length
    return {
      connections: this.#connections,
      active: this.#open.size,
      failures: this.#failures,
      bytesReceived,
      bytesSent,
      ...(samples.length > 0 ? { connectMs: Math.round(mean * 1000) / 1000 } : {}),
    }
  }
}
