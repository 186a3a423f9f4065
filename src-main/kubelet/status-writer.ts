import { errorMessage, type Logger } from '../base/log.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Client } from '../client/client.ts'
import { type Pod, pod as podKind } from '../kinds/core/pod.ts'
import type { PodStatus } from '../kinds/generated/types.ts'
import { isNotFound } from '../kinds/status-error.ts'

/** Writes one pod's status: one request at a time, always the newest, none when nothing changed. */
export class StatusWriter {
  readonly #client: Client
  readonly #clock: Clock
  readonly #log: Logger
  readonly #signal: AbortSignal
  #written = ''
  #wanted: { readonly pod: Pod; readonly status: PodStatus; readonly text: string } | undefined
  #writing: Promise<void> | undefined

  constructor(client: Client, clock: Clock, log: Logger, signal: AbortSignal) {
    this.#client = client
    this.#clock = clock
    this.#log = log
    this.#signal = signal
  }

  write(pod: Pod, status: PodStatus): void {
    const text = JSON.stringify(status)
    if (text === (this.#wanted?.text ?? this.#written)) return
    this.#wanted = { pod, status, text }
    this.#writing ??= this.#drain()
  }

  /** Resolves when everything given so far is written, or cannot be. */
  async flush(): Promise<void> {
    await this.#writing
  }

  async #drain(): Promise<void> {
    for (let failures = 0; this.#wanted && !this.#signal.aborted;) {
      const { pod, status, text } = this.#wanted
      try {
        await this.#client.patch(podKind, { namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' }, {
          type: 'merge',
          // the uid keeps a status from reaching a later pod of the same name
          body: { metadata: { uid: pod.metadata.uid }, status: withRemovals(pod, status) },
        }, { subresource: 'status' })
        this.#written = text
        failures = 0
      } catch (error) {
        if (isNotFound(error)) this.#written = text
        else {
          this.#log.warn('pod status not written', { pod: pod.metadata.name, error: errorMessage(error) })
          await sleep(Math.min(100 * 2 ** failures++, 5_000), this.#clock, this.#signal)
          continue
        }
      }
      if (this.#wanted?.text === text) this.#wanted = undefined
    }
    this.#writing = undefined
  }
}

/** A merge patch leaves alone what it does not name, so what ended is named. */
const withRemovals = (pod: Pod, status: PodStatus): object => ({
  ...status,
  ...(pod.status?.reason !== undefined && status.reason === undefined ? { reason: null, message: null } : {}),
})
