import { event as eventKind, type Event } from '../kinds/core/event.ts'
import { again, type Controller, done, every } from './controller.ts'
import { remove } from './deletion.ts'

/** kube-apiserver's --event-ttl. */
const ttlMs = 3_600_000

/** When the event is forgotten, in ms: an hour after it was last seen. */
export function expiryOf({ series, lastTimestamp, eventTime, metadata }: Event): number {
  const seen = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? ''
  return (Date.parse(seen) || Date.parse(metadata.creationTimestamp ?? '') || 0) + ttlMs
}

/** Forgets events that nobody saw again for an hour. */
export const eventTtlController: Controller = {
  name: 'event-ttl-controller',
  watches: [every(eventKind)],
  async reconcile(key, { read, client, clock }) {
    const event = await read(eventKind, key)
    if (!event) return done
    const left = expiryOf(event) - clock.now()
    if (left > 0) return again(left)
    await remove(client, eventKind, event)
    return done
  },
}
