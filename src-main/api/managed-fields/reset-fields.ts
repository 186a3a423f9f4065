import { metadataKept } from '../../kinds/kind.ts'
import { emptySet, type FieldSet, setOf } from './field-set.ts'
import { fieldElement } from './fields-v1.ts'

const meta = (name: string): string[] => [fieldElement('metadata'), fieldElement(name)]

/** Fields that the server says, or that say which object it is: nobody owns them. */
export const unowned: FieldSet = setOf(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map(meta),
)

const status = setOf([fieldElement('status')])
const allButStatus = (kept: readonly string[]): FieldSet => setOf([fieldElement('spec')], meta('deletionTimestamp'), ...kept.map(meta))
const statusDoors = {
  nothing: allButStatus([]),
  labels: allButStatus(metadataKept.labels),
  owners: allButStatus(metadataKept.owners),
  'all but finalizers': allButStatus(metadataKept['all but finalizers']),
  all: allButStatus(metadataKept.all),
}

/**
 * What a write through this door does not write, and so does not own: Kubernetes' GetResetFields. `hasStatus` says that the
 * kind has a status of its own door, which keeps the metadata that `keeps` tells; otherwise `status` is a field like any other. Other doors, such as `scale` and
 * `approval`, take only what is theirs before this is asked.
 */
export function resetFields(hasStatus: boolean, subresource?: string, keeps: keyof typeof statusDoors = 'nothing'): FieldSet {
  if (!hasStatus || (subresource && subresource !== 'status')) return emptySet
  return subresource ? statusDoors[keeps] : status
}
