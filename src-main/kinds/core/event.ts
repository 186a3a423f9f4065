import type { Event } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Event }

export const event = defineKind<Event>({
  group: '', version: 'v1', kind: 'Event', plural: 'events', shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Event',
})
