import type { Event } from '../../src-main/kinds/generated/types.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'

/** When an event last happened. */
export const timeOf = (event: Event | undefined): string | undefined =>
  event && (event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp)

export const timesOf = (event: Event): number => event.series?.count ?? event.count ?? 1

/** Events about an object, oldest first. */
export const eventsOf = (events: readonly Event[], object: KubeObject): Event[] =>
  events.filter((e) => e.involvedObject.uid === object.metadata.uid || (!e.involvedObject.uid && sameName(e, object))).sort(byTime)

const sameName = (event: Event, object: KubeObject): boolean =>
  event.involvedObject.kind === object.kind && event.involvedObject.name === object.metadata.name && event.involvedObject.namespace === object.metadata.namespace

/** Oldest first; events of the same second in the order in which they were written. */
export const byTime = (a: Event, b: Event): number => Date.parse(timeOf(a) ?? '') - Date.parse(timeOf(b) ?? '') || version(a) - version(b)

const version = (event: Event): number => Number(event.metadata.resourceVersion ?? 0)
