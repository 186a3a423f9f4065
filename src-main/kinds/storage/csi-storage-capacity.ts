import { parseQuantity } from '../../base/quantity.ts'
import { checkSelector, say } from '../checks.ts'
import { oldNodeLabel, warnOfNodeTerm } from '../core/node-labels.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CSIStorageCapacity, NodeSelectorTerm } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain } from '../validation.ts'

export type { CSIStorageCapacity }

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', plural: 'csistoragecapacities',
  namespaced: true,
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  conditionalUpdate: true,
  warn: ({ nodeTopology: { matchExpressions, matchLabels } = {} }) => [
    ...warnOfNodeTerm({ matchExpressions } as NodeSelectorTerm, 'nodeTopology', false),
    ...Object.keys(matchLabels ?? {}).flatMap((label) => (oldNodeLabel(label) ? [`nodeTopology.matchLabels.${label}: ${oldNodeLabel(label)}`] : [])),
  ],
  ownRules: true,
  validate: (object, at) => [
    ...checkSelector(object.nodeTopology, at.child('nodeTopology')),
    ...say(at.child('storageClassName'), object.storageClassName ?? '', isDNS1123Subdomain(object.storageClassName ?? '')),
    ...checkAmount(object.capacity, at.child('capacity')),
  ],
  validateUpdate: (object, old, at) => [
    ...(sameValue(object.nodeTopology, old.nodeTopology) ? [] : [at.child('nodeTopology').immutable(object.nodeTopology)]),
    ...(object.storageClassName === old.storageClassName ? [] : [at.child('storageClassName').immutable(object.storageClassName)]),
  ],
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    { name: 'StorageClassName', type: 'string', of: 'storageClassName', cell: ({ storageClassName }) => storageClassName },
    { name: 'Capacity', type: 'string', of: 'capacity', cell: ({ capacity }) => capacity ?? '<unset>' },
  ],
})

const checkAmount = (quantity: string | undefined, at: FieldPath): FieldError[] =>
  quantity !== undefined && (parseQuantity(quantity) ?? 0) < 0 ? [at.invalid(quantity, 'must be greater than or equal to 0')] : []
