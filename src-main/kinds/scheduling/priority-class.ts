import { oneOf } from '../checks.ts'
import { age } from '../columns.ts'
import type { PriorityClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'

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
    object.preemptionPolicy ??= 'PreemptLowerPriority'
    object.value ??= 0
  },
  ownRules: true,
  validate: ({ metadata: { name = '' }, value = 0, globalDefault = false, preemptionPolicy }, at, old) => {
    // what has rules may not change
    if (old) return []
    const wrong = oneOf(preemptionPolicy, policies, at.child('preemptionPolicy'))
    if (!name.startsWith('system-')) return value > highest ? [at.child('value').forbidden(`maximum allowed value of a user defined priority is ${highest}`), ...wrong] : wrong
    const error = wrongSystemClass(name, value, globalDefault)
    return error === undefined ? wrong : [at.child('metadata', 'name').forbidden(`priority class names with 'system-' prefix are reserved for system use only. error: ${error}`), ...wrong]
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

/** The classes there are from the beginning, with their values. */
const systemClasses: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

function wrongSystemClass(name: string, value: number, globalDefault: boolean): string | undefined {
  const wanted = lookup(systemClasses, name)
  if (wanted === undefined) return `${name} is not a known system priority class`
  if (value !== wanted) return `value of ${name} PriorityClass must be ${wanted}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
