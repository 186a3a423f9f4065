import { age } from '../columns.ts'
import type { PriorityClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { PriorityClass }

/** HighestUserDefinablePriority of scheduling: above it is for the system's own classes. */
const highest = 1_000_000_000

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', shortNames: ['pc'],
  namespaced: false,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  generation: true,
  default: (object) => {
    object.preemptionPolicy ||= 'PreemptLowerPriority'
    object.value ??= 0
  },
  validate: ({ metadata, value = 0 }, at) => {
    const ours = metadata.name?.startsWith('system-') ?? false
    if (ours && !['system-node-critical', 'system-cluster-critical'].includes(metadata.name ?? '')) {
      return [at.child('metadata', 'name').forbidden("priority class names with 'system-' prefix are reserved for system use only. error: only known system priority classes can start with 'system-' prefix")]
    }
    return !ours && value > highest ? [at.child('value').forbidden(`maximum allowed value of a user defined priority is ${highest}`)] : []
  },
  validateUpdate: ({ value = 0, preemptionPolicy }, old, at) => [
    ...(value === (old.value ?? 0) ? [] : [at.child('value').forbidden('may not be changed in an update.')]),
    ...(preemptionPolicy === old.preemptionPolicy ? [] : [at.child('preemptionPolicy').immutable(preemptionPolicy)]),
  ],
  columns: [
    { name: 'Value', type: 'integer', cell: ({ value }) => value ?? 0 },
    { name: 'Global-Default', type: 'string', cell: ({ globalDefault }) => String(globalDefault ?? false) },
    age,
    { name: 'PreemptionPolicy', type: 'string', cell: ({ preemptionPolicy }) => preemptionPolicy ?? '' },
  ],
})
