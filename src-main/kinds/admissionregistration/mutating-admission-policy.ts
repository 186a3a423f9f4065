import { equalJson } from '../../base/json.ts'
import { eachInSteps, type Steps } from '../../base/turns.ts'
import type { Scope } from '../cel/admission.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { MutatingAdmissionPolicy, Mutation } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { patientCheck } from '../patient-check.ts'
import { checkExpression, checkMatchConditions, scopeOf } from './match-conditions.ts'
import { checkConstraints, checkMutable, checkOneOf, checkParamKind, checkVariables, defaultPolicy, failurePolicies, paramKindColumn } from './policy-checks.ts'

export type { MutatingAdmissionPolicy }

const reinvocationPolicies = ['IfNeeded', 'Never']
/** Each patch type, with the field that has its expression and what that makes. */
const patches = { ApplyConfiguration: ['applyConfiguration', 'Object'], JSONPatch: ['jsonPatch', 'list(JSONPatch)'] } as const
const patchTypes = Object.keys(patches)

export const mutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  conditionalUpdate: true,
  generation: true,
  ownRules: true,
  default: defaultPolicy,
  validate: patientCheck(check),
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Mutations', type: 'integer', description: 'Mutation indicates the number of mutations rules defined in this configuration', cell: ({ spec }) => spec?.mutations?.length ?? 0 },
    paramKindColumn,
    age,
  ],
})

function* check({ spec = {} }: MutatingAdmissionPolicy, root: FieldPath, old: MutatingAdmissionPolicy | undefined): Steps<FieldError[]> {
  if (old && equalJson(spec, old.spec)) return []
  const at = root.child('spec')
  const params = spec.paramKind !== undefined
  const scope = scopeOf({ params, always: true })
  return [
    ...checkOneOf(spec.failurePolicy, failurePolicies, at.child('failurePolicy')),
    ...checkParamKind(spec.paramKind, at.child('paramKind')),
    ...checkConstraints(spec.matchConstraints, at.child('matchConstraints')),
    ...checkMutable(spec.matchConstraints, at.child('matchConstraints')),
    ...(yield* checkMatchConditions(spec.matchConditions, at.child('matchConditions'), undefined, params)),
    ...(yield* checkVariables(spec.variables, scope, at.child('variables'))),
    ...(spec.mutations?.length ? [] : [at.child('mutations').required('mutations must contain at least one item')]),
    ...(yield* eachInSteps(spec.mutations, (mutation, i) => checkMutation(mutation, scope, at.child('mutations', i)))).flat(),
    ...checkOneOf(spec.reinvocationPolicy, reinvocationPolicies, at.child('reinvocationPolicy')),
  ]
}

function* checkMutation(mutation: Mutation, scope: Scope, at: FieldPath): Steps<FieldError[]> {
  const { patchType } = mutation
  if (!patchType) return [at.child('patchType').required()]
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch') return [at.child('patchType').notSupported(patchType, patchTypes)]
  const [name, made] = patches[patchType]
  const [other] = patches[patchType === 'JSONPatch' ? 'ApplyConfiguration' : 'JSONPatch']
  const misplaced = mutation[other] === undefined ? [] : [at.child(other).invalid(`{${other}}`, `must not be specified when patchType is ${patchType}`)]
  const patch = mutation[name]
  if (!patch) return [at.child(name).required(`must be specified when patchType is ${patchType}`), ...misplaced]
  const here = at.child(name, 'expression')
  const expression = patch.expression?.trim()
  return [...(expression ? yield* checkExpression(scope, expression, { wanted: [made], patchTypes: true, at: here }) : [here.required()]), ...misplaced]
}
