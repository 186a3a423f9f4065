import type { MutatingAdmissionPolicyBinding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { bindingColumns, checkBinding, checkMutable, defaultMatchResources } from './policy-checks.ts'

export type { MutatingAdmissionPolicyBinding }

export const mutatingAdmissionPolicyBinding = defineKind<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  conditionalUpdate: true,
  generation: true,
  ownRules: true,
  default: ({ spec }) => defaultMatchResources(spec?.matchResources),
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...checkBinding(spec, at),
      ...checkMutable(spec?.matchResources, at.child('matchResources')),
    ]
  },
  columns: bindingColumns,
})
