import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { IPAddress, ParentReference } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain, isPathSegmentName } from '../validation.ts'
import { pathSegment } from './references.ts'

export type { IPAddress }

export const ipAddress = defineKind<IPAddress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', plural: 'ipaddresses', shortNames: ['ip'],
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IPAddress',
  names: 'ip',
  ownRules: true,
  validate: ({ spec }, at) => checkParent(spec?.parentRef, at.child('spec', 'parentRef')),
  validateUpdate: ({ spec }, { spec: old }, at) => (sameValue(spec?.parentRef, old?.parentRef) ? [] : [at.child('spec', 'parentRef').immutable(asInternal(spec?.parentRef))]),
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    { name: 'ParentRef', type: 'string', of: 'spec.parentRef', cell: ({ spec }) => showParent(spec?.parentRef) },
  ],
})

/** Kubernetes prints its internal type, whose fields have no names for JSON. */
const asInternal = (parent: ParentReference | undefined): unknown =>
  parent ? { Group: parent.group ?? '', Resource: parent.resource, Namespace: parent.namespace ?? '', Name: parent.name } : null

function checkParent(parent: ParentReference | undefined, at: FieldPath): FieldError[] {
  if (!parent) return [at.required()]
  const { group, resource, namespace, name } = parent
  return [
    ...(group ? say(at.child('group'), group, isDNS1123Subdomain(group)) : []),
    ...pathSegment(resource, at.child('resource')),
    ...pathSegment(name, at.child('name')),
    ...(namespace ? say(at.child('namespace'), namespace, isPathSegmentName(namespace)) : []),
  ]
}

/** `services/default/web`, `gateways.example.com/prod/edge`. */
function showParent(parent: ParentReference | undefined): string {
  if (!parent) return '<none>'
  const { group, resource, namespace, name } = parent
  return [group ? `${resource}.${group}` : resource, ...(namespace ? [namespace] : []), name].join('/')
}
