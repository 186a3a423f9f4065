import { say } from '../checks.ts'
import { since } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Event } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isQualifiedName } from '../validation.ts'

export type { Event }

const lastSeen = ({ series, lastTimestamp, firstTimestamp, eventTime }: Event): string | undefined =>
  series?.lastObservedTime ?? lastTimestamp ?? firstTimestamp ?? eventTime ?? undefined

const source = ({ source: from, reportingComponent, reportingInstance }: Event): string => {
  const component = from?.component || reportingComponent || ''
  const host = from?.host || reportingInstance
  return host ? `${component}, ${host}` : component
}

const objectOf = ({ involvedObject: { kind = '', name = '' } = {} }: Event): string => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())

export const event = defineKind<Event>({
  group: '', version: 'v1', kind: 'Event', plural: 'events', shortNames: ['ev'],
  namespaced: true,
  names: 'path-segment',
  createOnUpdate: true,
  leaf: true,
  schema: 'io.k8s.api.core.v1.Event',
  default: (object) => {
    object.involvedObject ??= {}
    object.source ??= {}
  },
  validate: (object, at) => checkEvent(object, at, 'reportingComponent'),
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: ({ source: from, reportingComponent }) => from?.component || reportingComponent || '',
    type: ({ type }) => type ?? '',
  },
  columns: [
    { name: 'Last Seen', type: 'date', of: 'lastTimestamp', cell: lastSeen },
    { name: 'Type', type: 'string', of: 'type', cell: ({ type }) => type ?? '' },
    { name: 'Reason', type: 'string', of: 'reason', cell: ({ reason }) => reason ?? '' },
    { name: 'Object', type: 'string', of: 'involvedObject', cell: objectOf },
    { name: 'Subobject', type: 'string', priority: 1, of: 'involvedObject.fieldPath', cell: ({ involvedObject: { fieldPath = '' } = {} }) => fieldPath },
    { name: 'Source', type: 'string', priority: 1, of: 'source', cell: source },
    { name: 'Message', type: 'string', of: 'message', cell: ({ message }) => message?.trim() ?? '' },
    { name: 'First Seen', type: 'string', priority: 1, of: 'firstTimestamp', cell: ({ firstTimestamp, eventTime }, now) => since(firstTimestamp ?? eventTime ?? undefined, now) },
    { name: 'Count', type: 'string', priority: 1, of: 'count', cell: ({ series, count }) => (series ? (series.count ?? 0) : count || 1) },
    { name: 'Name', type: 'string', priority: 1, of: 'metadata.name', cell: ({ metadata }) => metadata.name },
  ],
})

/** Longer than any of them Kubernetes takes none: events.go of core validation. */
const longest = { reason: 128, action: 128, reportingInstance: 128, message: 1024 } as const

/** An event with an eventTime is one of the new ones, and has to say more. `reporter`: what the version calls who reports. */
export function checkEvent(event: Event, at: FieldPath, reporter: 'reportingComponent' | 'reportingController'): FieldError[] {
  return event.eventTime ? checkNewEvent(event, at, at.child(reporter)) : checkOldEvent(event, at)
}

function checkOldEvent({ metadata, involvedObject }: Event, at: FieldPath): FieldError[] {
  const place = involvedObject?.namespace ?? ''
  const fits = place === '' ? ['', 'default'].includes(metadata.namespace ?? '') : place === metadata.namespace
  return fits ? [] : [at.child('involvedObject', 'namespace').invalid(place, 'does not match event.namespace')]
}

function checkNewEvent(event: Event, at: FieldPath, reporter: FieldPath): FieldError[] {
  const { metadata, involvedObject, reportingComponent = '' } = event
  const errors: FieldError[] = []
  const place = involvedObject?.namespace ?? ''
  if (place === '' && !['default', 'kube-system'].includes(metadata.namespace ?? '')) {
    errors.push(at.child('involvedObject', 'namespace').invalid(place, 'does not match event.namespace'))
  }
  if (reportingComponent === '') errors.push(reporter.required())
  errors.push(...say(reporter, reportingComponent, isQualifiedName(reportingComponent)))
  for (const name of ['reportingInstance', 'action', 'reason', 'message'] as const) {
    const text = event[name] ?? ''
    if (text === '' && name !== 'message') errors.push(at.child(name).required())
    if (Buffer.byteLength(text) > longest[name]) errors.push(at.child(name).invalid('', `can have at most ${longest[name]} characters`))
  }
  return errors
}
