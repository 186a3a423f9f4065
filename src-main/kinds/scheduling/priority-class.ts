import { age } from '../columns.ts'
import type { PriorityClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { PriorityClass }

/** HighestUserDefinablePriority of scheduling: above it is for the system's own classes. */
const highest = 1_000_000_000

const policies = ['PreemptLowerPriority', 'Never']

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', shortNames: ['pc'],
  namespaced: false,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  generation: 'once',
  // begins to count, and never goes on
  prepareCreate: ({ metadata }) => {
    metadata.generation = 1
  },
  default: (object) => {
    object.preemptionPolicy ||= 'PreemptLowerPriority'
    object.value ??= 0
  },
  ownRules: true,
  validate: ({ metadata, value = 0, preemptionPolicy = '' }, at) => {
    const wrong = policies.includes(preemptionPolicy) ? [] : [at.child('preemptionPolicy').notSupported(preemptionPolicy, policies)]
    const ours = metadata.name?.startsWith('system-') ?? false
    if (ours && !['system-node-critical', 'system-cluster-critical'].includes(metadata.name ?? '')) {
      return [at.child('metadata', 'name').forbidden("priority class names with 'system-' prefix are reserved for system use only. error: only known system priority classes can start with 'system-' prefix"), ...wrong]
    }
    return !ours && value > highest ? [at.child('value').forbidden(`maximum allowed value of a user defined priority is ${highest}`), ...wrong] : wrong
  },
  validateUpdate: ({ value = 0, preemptionPolicy }, old, at) => [
    ...(value === (old.value ?? 0) ? [] : [at.child('value').forbidden('may not be changed in an update.')]),
    ...(preemptionPolicy === old.preemptionPolicy ? [] : [at.child('preemptionPolicy').immutable(preemptionPolicy)]),
  ],
  columns: [
    { name: 'Value', type: 'integer', of: 'value', cell: ({ value }) => value ?? 0 },
    { name: 'Global-Default', type: 'boolean', of: 'globalDefault', cell: ({ globalDefault }) => globalDefault ?? false },
    age,
    { name: 'PreemptionPolicy', type: 'string', of: 'preemptionPolicy', cell: ({ preemptionPolicy }) => preemptionPolicy ?? '' },
  ],
})
