import { each, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidatingAdmissionPolicyBinding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { bindingColumns, checkBinding, defaultMatchResources } from './policy-checks.ts'

export type { ValidatingAdmissionPolicyBinding }

const actions = ['Audit', 'Deny', 'Warn']

export const validatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  conditionalUpdate: true,
  generation: true,
  ownRules: true,
  default: ({ spec }) => defaultMatchResources(spec?.matchResources),
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...checkBinding(spec, at),
      ...checkActions(spec?.validationActions ?? [], at.child('validationActions')),
    ]
  },
  columns: bindingColumns,
})

function checkActions(given: readonly string[], at: FieldPath): FieldError[] {
  const repeats = 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
  return [
    ...each(given, at, (action, here) => (actions.includes(action) ? [] : [here.notSupported(action, actions)])),
    ...unique(given, (action) => action, (i) => at.child(i)),
    ...(given.includes('Deny') && given.includes('Warn') ? [at.invalid(given, repeats)] : []),
    ...(given.length === 0 ? [at.required('at least one validation action is required')] : []),
  ]
}
