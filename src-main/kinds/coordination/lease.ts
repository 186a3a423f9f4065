import { nonNegative, positive } from '../checks.ts'
import { age } from '../columns.ts'
import type { Lease } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

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
  prepareCreate: dropChosenLeader,
  prepareUpdate: dropChosenLeader,
  validate: ({ spec }, at) => [
    ...positive(spec?.leaseDurationSeconds, at.child('spec', 'leaseDurationSeconds')),
    ...nonNegative(spec?.leaseTransitions, at.child('spec', 'leaseTransitions')),
  ],
  columns: [{ name: 'Holder', type: 'string', of: 'spec.holderIdentity', cell: ({ spec }) => spec?.holderIdentity ?? '' }, age],
})

/** Who leads is not chosen by the server unless CoordinatedLeaderElection is on, which it is not in Kubernetes either. */
function dropChosenLeader({ spec }: Lease): void {
  delete spec?.strategy
  delete spec?.preferredHolder
}
