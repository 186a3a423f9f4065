import { age } from '../columns.ts'
import type { MutatingAdmissionPolicyBinding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkMatchResources, checkMutable, checkParamRef, checkPolicyName, defaultMatchResources } from './policy-checks.ts'
import { showParamRef } from './validating-admission-policy-binding.ts'

export type { MutatingAdmissionPolicyBinding }

export const mutatingAdmissionPolicyBinding = defineKind<MutatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  generation: true,
  default: ({ spec }) => defaultMatchResources(spec?.matchResources),
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...checkPolicyName(spec?.policyName, at.child('policyName')),
      ...checkParamRef(spec?.paramRef, at.child('paramRef')),
      ...checkMatchResources(spec?.matchResources, at.child('matchResources')),
      ...checkMutable(spec?.matchResources, at.child('matchResources')),
    ]
  },
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'PolicyName', type: 'string', description: 'PolicyName indicates the policy definition which the policy binding binded to', cell: ({ spec }) => spec?.policyName },
    { name: 'ParamRef', type: 'string', description: 'ParamRef indicates the param resource which sets the configration param', cell: ({ spec }) => showParamRef(spec?.paramRef) },
    age,
  ],
})
