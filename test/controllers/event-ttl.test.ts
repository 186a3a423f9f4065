import { expect, it } from 'vitest'
import { expiryOf } from '../../src-main/controllers/event-ttl.ts'
import type { Event } from '../../src-main/kinds/core/event.ts'

const hour = 3_600_000
const event = (metadata: Event['metadata']): Event => ({
  apiVersion: 'v1', kind: 'Event', metadata, involvedObject: {}, eventTime: '2017-09-19T13:49:16.000000Z',
})

it('forgets an event an hour after it was last written, not after what it tells of', () => {
  const creationTimestamp = '2026-01-01T00:00:00Z'
  expect(expiryOf(event({ creationTimestamp }))).toBe(Date.parse(creationTimestamp) + hour)
  const time = '2026-01-01T00:30:00Z'
  expect(expiryOf(event({ creationTimestamp, managedFields: [{ manager: 'kubelet', operation: 'Update', time }] }))).toBe(Date.parse(time) + hour)
})
