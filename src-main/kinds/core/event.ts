import { since } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Event } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Event }

const lastSeen = ({ series, lastTimestamp, firstTimestamp, eventTime }: Event): string | undefined =>
  series?.lastObservedTime ?? lastTimestamp ?? firstTimestamp ?? eventTime

const source = ({ source: from, reportingComponent, reportingInstance }: Event): string => {
  const component = from?.component || reportingComponent || ''
  const host = from?.host || reportingInstance
  return host ? `${component}, ${host}` : component
}

const objectOf = ({ involvedObject: { kind = '', name = '' } }: Event): string => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase())

export const event = defineKind<Event>({
  group: '', version: 'v1', kind: 'Event', plural: 'events', shortNames: ['ev'],
  namespaced: true,
  createOnUpdate: true,
  schema: 'io.k8s.api.core.v1.Event',
  default: (object) => {
    object.type ||= 'Normal'
    object.involvedObject ??= {}
  },
  validate: checkEvent,
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
    { name: 'Last Seen', type: 'date', cell: lastSeen },
    { name: 'Type', type: 'string', cell: ({ type }) => type ?? '' },
    { name: 'Reason', type: 'string', cell: ({ reason }) => reason ?? '' },
    { name: 'Object', type: 'string', cell: objectOf },
    { name: 'Subobject', type: 'string', priority: 1, cell: ({ involvedObject }) => involvedObject.fieldPath ?? '' },
    { name: 'Source', type: 'string', priority: 1, cell: source },
    { name: 'Message', type: 'string', cell: ({ message }) => message?.trim() ?? '' },
    { name: 'First Seen', type: 'string', priority: 1, cell: ({ firstTimestamp, eventTime }, now) => since(firstTimestamp ?? eventTime, now) },
    { name: 'Count', type: 'string', priority: 1, cell: ({ series, count }) => series?.count ?? count ?? 1 },
    { name: 'Name', type: 'string', priority: 1, cell: ({ metadata }) => metadata.name },
  ],
})

function checkEvent({ metadata, involvedObject, reason = '', message = '', type }: Event, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const place = involvedObject?.namespace ?? ''
  if (place === '' ? !['', 'default', 'kube-system'].includes(metadata.namespace ?? '') : place !== metadata.namespace) {
    errors.push(at.child('involvedObject', 'namespace').invalid(place, 'does not match event.namespace'))
  }
  if (type !== 'Normal' && type !== 'Warning') errors.push(at.child('type').invalid(type, 'has invalid value: '))
  if (reason.length > 128) errors.push(at.child('reason').invalid(reason, 'can have at most 128 characters'))
  if (message.length > 1024) errors.push(at.child('message').invalid('', 'can have at most 1024 characters'))
  return errors
}
