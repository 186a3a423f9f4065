import { each, nonNegative, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CSINode, CSINodeDriver } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isQualifiedName } from '../validation.ts'
import { checkDriverName } from './driver-name.ts'

export type { CSINode }

export const csiNode = defineKind<CSINode>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', plural: 'csinodes',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.CSINode',
  conditionalUpdate: true,
  ownRules: true,
  default: (object) => {
    object.spec ??= { drivers: null }
  },
  validate: ({ spec }, at) => checkDrivers(spec.drivers ?? [], at.child('spec', 'drivers')),
  validateUpdate: ({ spec }, { spec: old }, at) =>
    (spec.drivers ?? []).filter((driver) => old.drivers?.some((before) => before.name === driver.name && !sameValue(settled(before), settled(driver))))
      .map((driver) => at.child('spec', 'drivers').immutable(internalDriver(driver))),
  columns: [{ name: 'Drivers', type: 'integer', description: 'Drivers indicates the number of CSI drivers registered on the node', cell: ({ spec }) => spec?.drivers?.length ?? 0 }, age],
})

/** How many volumes a driver can attach may change. */
const settled = ({ allocatable: _allocatable, ...driver }: CSINodeDriver): Omit<CSINodeDriver, 'allocatable'> => driver

/** Kubernetes' own type, as its sentence shows it. */
const internalDriver = ({ name, nodeID, topologyKeys }: CSINodeDriver): object => ({ Name: name, NodeID: nodeID, TopologyKeys: topologyKeys ?? null, Allocatable: null })

/** csiNodeIDLongerMaxLength of storage validation, in bytes. */
const maxNodeId = 256

function checkDrivers(drivers: readonly CSINodeDriver[], at: FieldPath): FieldError[] {
  const names = new Set<string>()
  return each(drivers, at, (driver, here) => {
    const { name = '', nodeID = '', allocatable, topologyKeys } = driver
    const id = here.child('nodeID')
    const errors = [...checkDriverName(name, here.child('name')), ...(nodeID === '' ? [id.required()] : [])]
    if (Buffer.byteLength(nodeID) > maxNodeId) errors.push(id.invalid(nodeID, `must be ${maxNodeId} characters or less`))
    errors.push(...nonNegative(allocatable?.count, here.child('allocatable', 'count')))
    if (names.has(name)) errors.push(here.child('name').duplicate(name))
    names.add(name)
    return [...errors, ...checkTopologyKeys(topologyKeys ?? [], here)]
  })
}

function checkTopologyKeys(keys: readonly string[], at: FieldPath): FieldError[] {
  return keys.flatMap((key, i) => [
    ...(key === '' ? [at.required()] : []),
    ...(keys.indexOf(key) < i ? [at.duplicate(key)] : []),
    ...say(at, key, isQualifiedName(key)),
  ])
}
