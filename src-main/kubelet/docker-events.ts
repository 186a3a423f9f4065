import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { type Clock, sleep } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { type Owner, ownerFilter, podLabels } from './docker-labels.ts'

interface EngineEvent {
  readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> }
}

interface Deps {
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Follows the engine's events of this node's containers; connects again when the engine comes back. */
export function podChanges(docker: Docker, owner: Owner, changed: (uid: string) => void, { clock, log, signal }: Deps): () => void {
  const stopping = new AbortController()
  const over = AbortSignal.any([signal, stopping.signal])
  const filters = { type: ['container'], event: ['start', 'die', 'oom', 'destroy'], label: ownerFilter(owner) }
  const follow = async (): Promise<void> => {
    while (!over.aborted) {
      try {
        const stream = (await docker.getEvents({ filters: JSON.stringify(filters) })) as Readable
        const close = (): void => void stream.destroy()
        over.addEventListener('abort', close, { once: true })
        if (over.aborted) close()
        await read(stream, changed)
        over.removeEventListener('abort', close)
      } catch (error) {
        if (!over.aborted) log.debug('engine events not read', { error: errorMessage(error) })
      }
      await sleep(1_000, clock, over)
    }
  }
  void follow()
  return () => stopping.abort()
}

async function read(stream: Readable, changed: (uid: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) {
    if (line === '') continue
    const event = JSON.parse(line) as EngineEvent
    const uid = event.Actor?.Attributes?.[podLabels.uid]
    if (uid) changed(uid)
  }
}
