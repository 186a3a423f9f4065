import { equalJson } from '../../base/json.ts'
import { each } from '../checks.ts'
import { age } from '../columns.ts'
import { admissionCel } from '../custom/cel-rules.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { MutatingAdmissionPolicy, Mutation } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkExpression, checkMatchConditions } from './match-conditions.ts'
import { checkConstraints, checkMutable, checkOneOf, checkParamKind, checkVariables, defaultPolicy, failurePolicies, paramKindColumn } from './policy-checks.ts'

export type { MutatingAdmissionPolicy }

const reinvocationPolicies = ['IfNeeded', 'Never']
/** Each patch type, with the field that has its expression and what that makes. */
const patches = { ApplyConfiguration: ['applyConfiguration', 'Object'], JSONPatch: ['jsonPatch', 'list<JSONPatch>'] } as const
const patchTypes = Object.keys(patches)

export const mutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  conditionalUpdate: true,
  generation: true,
  default: defaultPolicy,
  validate,
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Mutations', type: 'integer', description: 'Mutation indicates the number of mutations rules defined in this configuration', cell: ({ spec }) => spec?.mutations?.length ?? 0 },
    paramKindColumn,
    age,
  ],
})

function validate({ spec = {} }: MutatingAdmissionPolicy, root: FieldPath, old?: MutatingAdmissionPolicy): FieldError[] {
  if (old && equalJson(spec, old.spec)) return []
  const at = root.child('spec')
  const params = spec.paramKind !== undefined
  const { errors, variables } = checkVariables(spec.variables, params, at.child('variables'))
  const environment = admissionCel().admissionEnvironment({ params, authorizer: true, variables, checked: true })
  return [
    ...checkOneOf(spec.failurePolicy, failurePolicies, at.child('failurePolicy')),
    ...checkParamKind(spec.paramKind, at.child('paramKind')),
    ...checkConstraints(spec.matchConstraints, at.child('matchConstraints')),
    ...checkMutable(spec.matchConstraints, at.child('matchConstraints')),
    ...checkMatchConditions(spec.matchConditions, at.child('matchConditions'), undefined, params),
    ...errors,
    ...(spec.mutations?.length ? [] : [at.child('mutations').required('mutations must contain at least one item')]),
    ...each(spec.mutations, at.child('mutations'), (mutation, here) => checkMutation(mutation, environment, here)),
    ...checkOneOf(spec.reinvocationPolicy, reinvocationPolicies, at.child('reinvocationPolicy')),
  ]
}

function checkMutation(mutation: Mutation, environment: Parameters<typeof checkExpression>[0], at: FieldPath): FieldError[] {
  const { patchType } = mutation
  if (!patchType) return [at.child('patchType').required()]
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch') return [at.child('patchType').notSupported(patchType, patchTypes)]
  const [name, made] = patches[patchType]
  const [other] = patches[patchType === 'JSONPatch' ? 'ApplyConfiguration' : 'JSONPatch']
  const errors = mutation[other] === undefined ? [] : [at.child(other).invalid(`{${other}}`, `must not be specified when patchType is ${patchType}`)]
  const patch = mutation[name]
  if (!patch) return [...errors, at.child(name).required(`must be specified when patchType is ${patchType}`)]
  const here = at.child(name, 'expression')
  if (!patch.expression?.trim()) return [...errors, here.required()]
  return [...errors, ...checkExpression(environment, patch.expression, [made], here, true)]
}
