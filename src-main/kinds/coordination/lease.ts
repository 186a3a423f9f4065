import { nonNegative, positive, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Lease } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isQualifiedName } from '../validation.ts'

export type { Lease }

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases',
  namespaced: true,
  createOnUpdate: true,
  conditionalUpdate: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
  ownRules: true,
  default: (lease) => {
    lease.spec ??= {}
  },
  validate: ({ spec }, at) => [
    ...positive(spec?.leaseDurationSeconds, at.child('spec', 'leaseDurationSeconds')),
    ...nonNegative(spec?.leaseTransitions, at.child('spec', 'leaseTransitions')),
    ...checkStrategy(spec ?? {}, at.child('spec')),
  ],
  columns: [{ name: 'Holder', type: 'string', of: 'spec.holderIdentity', cell: ({ spec }) => spec?.holderIdentity ?? '' }, age],
})

const strategies = ['OldestEmulationVersion']

/** How a leader is chosen among those who would be: a word of Kubernetes', or somebody else's name with a domain. */
function checkStrategy({ strategy, preferredHolder }: NonNullable<Lease['spec']>, at: FieldPath): FieldError[] {
  // Kubernetes names the field twice
  const here = at.child('strategy', 'strategy')
  const wrong = strategy === undefined || strategies.includes(strategy) ? []
    : strategy.includes('/') ? say(here, strategy, isQualifiedName(strategy)) : [here.notSupported(strategy, strategies)]
  return preferredHolder && !strategy
    ? [...wrong, at.child('preferredHolder').forbidden('may only be specified if `strategy` is defined')]
    : wrong
}
