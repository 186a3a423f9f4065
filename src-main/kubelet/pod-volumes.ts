import { errorMessage } from '../base/log.ts'
import type { Pod } from '../kinds/generated/types.ts'
import type { NodeFacts } from './fields.ts'
import { PodTokens, retryMs } from './tokens.ts'
import { applyVolumes } from './volumes.ts'
import type { WorkerContext } from './worker.ts'

export interface VolumesHost {
  pod(): Pod
  facts(): NodeFacts
  /** The pod's folder, made if need be. */
  folder(): Promise<string>
  /** The pod ends or has ended. */
  ending(): boolean
}

/** The ConfigMaps and Secrets of the pod's namespace. */
export const lookups = (context: WorkerContext, pod: Pod) => {
  const namespace = pod.metadata.namespace ?? ''
  return {
    configMap: (name: string) => context.configMap(namespace, name),
    secret: (name: string) => context.secret(namespace, name),
  }
}

/** The volumes of one pod: made once, and brought up to date when what they are made of changes or a token grows old. */
export class PodVolumes {
  readonly #context: WorkerContext
  readonly #host: VolumesHost
  readonly #tokens: PodTokens
  #made: Promise<Map<string, string>> | undefined
  /** The files of one volume are written by one at a time. */
  #last: Promise<unknown> = Promise.resolve()
  #kept = false
  #closed = false
  #cancelNext: (() => void) | undefined

  constructor(context: WorkerContext, host: VolumesHost) {
    this.#context = context
    this.#host = host
    this.#tokens = new PodTokens(context)
  }

  /** Where each volume is on this machine. Rejects when one cannot be made yet; the next call tries again. */
  prepared(): Promise<Map<string, string>> {
    this.#kept = true
    this.#made ??= this.#apply().catch((error: unknown) => {
      this.#made = undefined
      throw error
    })
    return this.#made
  }

  /** Sees to the volumes of a pod that ran before this kubelet did, until it has them or the pod ends. */
  keep(): void {
    if (this.#kept || this.#context.runtime.simulated) return
    void this.prepared().catch((error: unknown) => {
      this.#failed(error)
      this.#after(retryMs, () => {
        this.#kept = this.#made !== undefined
        this.keep()
      })
    })
  }

  async refresh(): Promise<void> {
    if (!this.#made) return
    await this.#apply().catch((error: unknown) => this.#failed(error))
  }

  close(): void {
    this.#closed = true
    this.#cancelNext?.()
  }

  #failed(error: unknown): void {
    this.#context.recorder.event(this.#host.pod(), 'Warning', 'FailedMount', errorMessage(error))
  }

  #apply(): Promise<Map<string, string>> {
    if (this.#context.runtime.simulated) return Promise.resolve(new Map())
    const applied = this.#last.then(() => this.#applyNow())
    this.#last = applied.catch(() => undefined)
    return applied
  }

  async #applyNow(): Promise<Map<string, string>> {
    const pod = this.#host.pod()
    try {
      const dir = await this.#host.folder()
      const token = this.#tokens.get.bind(this.#tokens, pod)
      return await applyVolumes(dir, { pod, facts: this.#host.facts(), token, ...lookups(this.#context, pod) })
    } finally {
      this.#refreshLater()
    }
  }

  #refreshLater(): void {
    const { clock } = this.#context
    const { refreshAt } = this.#tokens
    if (refreshAt !== undefined) this.#after(Math.max(refreshAt - clock.now(), retryMs), () => void this.refresh())
  }

  #after(ms: number, act: () => void): void {
    this.#cancelNext?.()
    if (this.#closed) return
    this.#cancelNext = this.#context.clock.after(ms, () => {
      if (!this.#host.ending()) act()
    })
  }
}
