import { age } from '../columns.ts'
import type { VolumeAttributesClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { checkParameters, checkProvisioner } from './provisioner.ts'

export type { VolumeAttributesClass }

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', plural: 'volumeattributesclasses', shortNames: ['vac'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  ownRules: true,
  validate: ({ driverName, parameters }, at) => [
    ...checkProvisioner(driverName, at.child('driverName')),
    ...(Object.keys(parameters ?? {}).length === 0
      ? [at.child('parameters').required('must contain at least one key/value pair')]
      : checkParameters(parameters, at.child('parameters'))),
  ],
  validateUpdate: (object, old, at) => [
    ...(object.driverName === old.driverName ? [] : [at.child('driverName').forbidden('updates to driverName are forbidden.')]),
    ...(sameValue(object.parameters, old.parameters) ? [] : [at.child('parameters').forbidden('updates to parameters are forbidden.')]),
  ],
  columns: [{ name: 'DriverName', type: 'string', of: 'driverName', cell: ({ driverName }) => driverName }, age],
})
