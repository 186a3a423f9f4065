import * as k8s from '@kubernetes/client-node'

const durationMs = 2_000
const renewMs = 400

/** Holds a Lease as client-go's leaderelection does: whoever renews it leads, and whoever finds it expired takes it. */
export class Leader {
  readonly #leases: k8s.CoordinationV1Api
  readonly #name: string
  readonly #namespace: string
  readonly #identity: string
  #timer: NodeJS.Timeout | undefined
  #leads = false

  constructor(config: k8s.KubeConfig, lease: { name: string; namespace: string; identity: string }) {
    this.#leases = config.makeApiClient(k8s.CoordinationV1Api)
    this.#name = lease.name
    this.#namespace = lease.namespace
    this.#identity = lease.identity
  }

  get leads(): boolean {
    return this.#leads
  }

  /** Tries again and again until `end`; calls back each time it begins to lead. */
  start(elected: () => void): void {
    const round = async (): Promise<void> => {
      const before = this.#leads
      const taken = await this.#take().catch(() => false)
      if (!this.#timer) return
      this.#leads = taken
      if (taken && !before) elected()
      this.#timer = setTimeout(() => void round(), renewMs)
    }
    this.#timer = setTimeout(() => void round(), 0)
  }

  /** Leaves without giving the lease back, as a crash would. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#leads = false
  }

  /** Whether the lease is ours now. A conflict means that somebody was faster. */
  async #take(): Promise<boolean> {
    const at = { name: this.#name, namespace: this.#namespace }
    const mine = { holderIdentity: this.#identity, leaseDurationSeconds: durationMs / 1000, renewTime: new k8s.V1MicroTime() }
    const lease = await this.#leases.readNamespacedLease(at).catch((error: unknown) => {
      if (error instanceof k8s.ApiException && error.code === 404) return undefined
      throw error
    })
    if (!lease) {
      await this.#leases.createNamespacedLease({ namespace: at.namespace, body: { metadata: { name: at.name }, spec: { ...mine, acquireTime: new k8s.V1MicroTime(), leaseTransitions: 0 } } })
      return true
    }
    const { holderIdentity, renewTime, leaseTransitions = 0 } = lease.spec ?? {}
    const ours = holderIdentity === this.#identity
    // the client hands a MicroTime on as the text it is
    if (!ours && Date.now() - Date.parse(String(renewTime)) < durationMs) return false
    const taken = ours ? {} : { acquireTime: new k8s.V1MicroTime(), leaseTransitions: leaseTransitions + 1 }
    await this.#leases.replaceNamespacedLease({ ...at, body: { ...lease, spec: { ...lease.spec, ...mine, ...taken } } })
    return true
  }
}
