import { equalJson } from '../../base/json.ts'
import { checkEvent, event as coreEvent, type Event } from '../core/event.ts'
import { field, type FieldError, type FieldPath } from '../field-error.ts'
import type { EventEventsV1 } from '../generated/types.ts'
import type { Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'

/** What core's Event calls otherwise. */
const names = {
  regarding: 'involvedObject', note: 'message', reportingController: 'reportingComponent', deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp', deprecatedLastTimestamp: 'lastTimestamp', deprecatedCount: 'count',
} as const

const renamed = (object: object, toNames: ReadonlyMap<string, string>): object =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [toNames.get(name) ?? name, value as unknown]))

const toCore = new Map<string, string>(Object.entries(names))
const fromCore = new Map<string, string>(Object.entries(names).map(([name, core]) => [core, name]))

/** Core prints who reports even when nobody is named, this version does not. */
function fromStored({ reportingComponent, reportingInstance, ...stored }: Readonly<Event>): EventEventsV1 {
  const named = { ...(reportingComponent ? { reportingComponent } : {}), ...(reportingInstance ? { reportingInstance } : {}) }
  return renamed({ ...stored, ...named }, fromCore) as EventEventsV1
}

const reference = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const

const form = {
  group: 'events.k8s.io', version: 'v1', schema: 'io.k8s.api.events.v1.Event',
  toStored: (event: Readonly<EventEventsV1>) => ({ involvedObject: {}, ...renamed(event, toCore) }) as Event,
  fromStored,
  selectableFields: {
    ...Object.fromEntries(reference.map((name) => [`regarding.${name}`, ({ regarding }: EventEventsV1) => regarding?.[name] ?? ''])),
    reason: ({ reason }: EventEventsV1) => reason ?? '',
    reportingController: ({ reportingController }: EventEventsV1) => reportingController ?? '',
    type: ({ type }: EventEventsV1) => type ?? '',
  },
}

/** The same objects as core's Events. Who writes them here is held to the new rules. */
export const event: Kind<EventEventsV1> = otherVersion(coreEvent, {
  ...form, validate: (object, at) => checkEvent(object, at, 'reportingController'), validateCreate: checkNew, validateUpdate: checkChange,
})

const unset = ['firstTimestamp', 'lastTimestamp', 'count', 'source'] as const

function checkNew(created: Event): FieldError[] {
  const errors = checkSeries(created)
  if (!created.eventTime) errors.push(field('eventTime').required())
  if (created.type !== 'Normal' && created.type !== 'Warning') errors.push(field('type').invalid('', `has invalid value: ${created.type ?? ''}`))
  for (const name of unset) {
    const value = created[name]
    const isSet = typeof value === 'object' ? Boolean(value?.component || value?.host) : Boolean(value)
    if (isSet) errors.push(field(name).invalid('', 'needs to be unset'))
  }
  return errors
}

function checkSeries({ series }: Event): FieldError[] {
  if (!series) return []
  return [
    ...((series.count ?? 0) < 2 ? [field('series', 'count').invalid('', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [field('series', 'lastObservedTime').required()]),
  ]
}

const fixed = ['involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'type', 'eventTime', 'action', 'related', 'reportingComponent', 'reportingInstance'] as const

function checkChange(next: Event, old: Event, at: FieldPath): FieldError[] {
  const changed = fixed.filter((name) => !equalJson(next[name] ?? undefined, old[name] ?? undefined))
  return [
    ...(equalJson(next.series, old.series) ? [] : checkSeries(next)),
    ...changed.map((name) => at.child(name === 'reportingComponent' ? 'reportingController' : name).immutable(next[name])),
  ]
}
