import { event as eventKind, type Event } from '../kinds/core/event.ts'
import { again, type Controller, done, every } from './controller.ts'
import { remove } from './deletion.ts'

/** kube-apiserver's --event-ttl. */
const ttlMs = 3_600_000

/** When the event is forgotten, in ms: an hour after it was last written, whatever it says of the time it tells of. */
export function expiryOf({ metadata }: Event): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)]
  return Math.max(0, ...times.map((time) => Date.parse(time ?? '') || 0)) + ttlMs
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
