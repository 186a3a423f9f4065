import { say } from '../checks.ts'
import { age } from '../columns.ts'
import type { Namespace } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkFinalizerName } from '../object-meta.ts'
import { isQualifiedName } from '../validation.ts'

export type { Namespace }

export const namespace = defineKind<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Namespace',
  status: true,
  names: 'label',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  default: (object) => {
    nameLabel(object)
    const status = (object.status ??= {})
    status.phase ??= 'Active'
  },
  prepareCreate: (object) => {
    // a generated name was not known to the defaults
    nameLabel(object)
    const others = (object.spec?.finalizers ?? []).filter((name) => name !== 'kubernetes')
    object.spec = { finalizers: [...others, 'kubernetes'] }
    object.status = { phase: 'Active' }
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec', 'finalizers')
    return (spec?.finalizers ?? []).flatMap((name) => [...say(at, name, isQualifiedName(name)), ...checkFinalizerName(name, at)])
  },
  validatePart: (_subresource, { metadata, status }, _old, at) => {
    const [phase, when] = metadata.deletionTimestamp ? ['Terminating', 'is not empty'] : ['Active', 'is empty']
    return status?.phase === phase ? [] : [at.child('status', 'Phase').invalid(status?.phase ?? '', `may only be '${phase}' if \`deletionTimestamp\` ${when}`)]
  },
  selectableFields: { 'status.phase': ({ status }) => status?.phase ?? '' },
  columns: [{ name: 'Status', type: 'string', description: 'The status of the namespace', cell: ({ status }) => status?.phase }, age],
})

function nameLabel({ metadata }: Namespace): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
}
