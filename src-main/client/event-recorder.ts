import { timestamp, sleep, type Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Event, ObjectReference } from '../kinds/generated/types.ts'
import { event as eventKind } from '../kinds/core/event.ts'
import { refOf, type KubeObject, type ObjectRef } from '../kinds/meta.ts'
import { StatusError, isNotFound } from '../kinds/status-error.ts'
import type { Client } from './client.ts'
import type { Recorder } from './recorder.ts'
import { SpamFilter } from './spam-filter.ts'

interface Occurrence {
  readonly about: ObjectReference
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly at: number
}
interface Written {
  readonly ref: ObjectRef
  count: number
}

/** client-go's: events that wait (tools/record/event.go maxQueuedEvents), tries, and the pause between them. */
const queueBound = 1000
const tries = 12
const pauseMs = 10_000
/** client-go's tools/record/events_cache.go maxLruCacheEntries. */
const rememberedBound = 4096

/** Writes events one after the other in the background, in the order they happened. */
export function createRecorder(client: Client, component: string, clock: Clock, log: Logger): Recorder {
  const spam = new SpamFilter(clock)
  const written = new Map<string, Written>()
  const queue: Occurrence[] = []
  let working = false

  async function work(): Promise<void> {
    working = true
    for (let next = queue.shift(); next; next = queue.shift()) await writeSurely(next)
    working = false
  }

  async function writeSurely(occurrence: Occurrence): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(occurrence)
      } catch (error) {
        const lasting = error instanceof StatusError && error.code < 500 && error.code !== 429
        if (lasting || attempt === tries) {
          const { about, reason, message } = occurrence
          log.warn('event not written', { about, reason, message, error: errorMessage(error) })
          return
        }
        await sleep(pauseMs, clock)
      }
    }
  }

  async function write(occurrence: Occurrence): Promise<void> {
    const key = JSON.stringify([occurrence.about, occurrence.type, occurrence.reason, occurrence.message])
    const known = written.get(key)
    written.delete(key)
    const now = known && (await countAgain(known, occurrence))
    remember(key, now ?? (await create(occurrence)))
  }

  async function countAgain(known: Written, { at }: Occurrence): Promise<Written | undefined> {
    const count = known.count + 1
    try {
      await client.patch(eventKind, known.ref, { type: 'strategic', body: { count, lastTimestamp: timestamp(at) } })
      return { ref: known.ref, count }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async function create(occurrence: Occurrence): Promise<Written> {
    return { ref: refOf(await client.create(eventKind, eventOf(component, occurrence))), count: 1 }
  }

  function remember(key: string, entry: Written): void {
    written.set(key, entry)
    if (written.size <= rememberedBound) return
    for (const oldest of written.keys()) return void written.delete(oldest)
  }

  return {
    event(object, type, reason, message) {
      const about = referenceTo(object)
      if (!spam.allows(JSON.stringify([about.apiVersion, about.kind, about.namespace, about.name, about.uid]))) {
        log.debug('event left out: too many about one object', { about, reason, message })
      } else if (queue.length >= queueBound) {
        log.warn('event left out: too many wait to be written', { about, reason, message })
      } else {
        queue.push({ about, type, reason, message, at: clock.now() })
        if (!working) void work()
      }
    },
  }
}

function referenceTo({ apiVersion, kind, metadata }: KubeObject): ObjectReference {
  const { namespace, name, uid } = metadata
  return { apiVersion, kind, ...(namespace ? { namespace } : {}), name, uid }
}

function eventOf(component: string, { about, type, reason, message, at }: Occurrence): Event {
  const time = timestamp(at)
  return {
    apiVersion: eventKind.apiVersion,
    kind: eventKind.kind,
    metadata: {
      name: `${about.name}.${uniqueAround(at)}`,
      namespace: about.namespace ?? 'default',
    },
    involvedObject: about,
    reason,
    message,
    type,
    count: 1,
    firstTimestamp: time,
    lastTimestamp: time,
    source: { component },
    reportingComponent: component,
  }
}

/** The time in nanoseconds as client-go has it; what the clock does not know of them is chance. */
const uniqueAround = (ms: number): string =>
  (BigInt(ms) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))).toString(16)
