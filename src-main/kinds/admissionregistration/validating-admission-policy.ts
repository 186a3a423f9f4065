import { equalJson } from '../../base/json.ts'
import { eachInSteps, type Steps } from '../../base/turns.ts'
import type { Scope } from '../cel/admission.ts'
import { each, present, say } from '../checks.ts'
import { age } from '../columns.ts'
import { checkConditions } from '../conditions.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { patientCheck } from '../patient-check.ts'
import { isQualifiedName } from '../validation.ts'
import { checkExpression, checkMatchConditions, scopeOf } from './match-conditions.ts'
import { checkConstraints, checkOneOf, checkParamKind, checkVariables, defaultPolicy, failurePolicies, paramKindColumn } from './policy-checks.ts'

export type { ValidatingAdmissionPolicy }

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const mostAnnotations = 20
const longestAnnotation = 5 * 1024

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies', categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  conditionalUpdate: true,
  status: true,
  statusKeeps: 'all',
  generation: true,
  ownRules: true,
  default: defaultPolicy,
  validate: patientCheck(check),
  validatePart: (_subresource, { status }, _old, at) => checkStatus(status, at.child('status')),
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Validations', type: 'integer', description: 'Validations indicates the number of validation rules defined in this configuration', cell: ({ spec }) => spec?.validations?.length ?? 0 },
    paramKindColumn,
    age,
  ],
})

const checkStatus = (status: ValidatingAdmissionPolicy['status'], at: FieldPath): FieldError[] => [
  ...each(status?.typeChecking?.expressionWarnings, at.child('typeChecking', 'expressionWarnings'), ({ warning, fieldRef }, here) =>
    [...present(warning, here.child('warning')), ...present(fieldRef?.trim(), here.child('fieldRef'))]),
  ...checkConditions(status?.conditions, at.child('conditions')),
]

function* check({ spec = {}, metadata }: ValidatingAdmissionPolicy, root: FieldPath, old: ValidatingAdmissionPolicy | undefined): Steps<FieldError[]> {
  // what was accepted once is not compiled again
  if (old && equalJson(spec, old.spec)) return []
  const at = root.child('spec')
  const params = spec.paramKind !== undefined
  const scope = scopeOf({ params })
  const { validations = [], auditAnnotations = [] } = spec
  return [
    ...checkOneOf(spec.failurePolicy, failurePolicies, at.child('failurePolicy')),
    ...checkParamKind(spec.paramKind, at.child('paramKind')),
    ...checkConstraints(spec.matchConstraints, at.child('matchConstraints')),
    ...(yield* checkMatchConditions(spec.matchConditions, at.child('matchConditions'), undefined, params)),
    ...(yield* checkVariables(spec.variables, scope, at.child('variables'))),
    ...(validations.length + auditAnnotations.length > 0 ? [] : ['validations', 'auditAnnotations'].map((name) => at.child(name).required('validations or auditAnnotations must contain at least one item'))),
    ...(yield* eachInSteps(validations, (validation, i) => checkValidation(validation, scope, at.child('validations', i)))).flat(),
    ...(yield* checkAnnotations(auditAnnotations, metadata.name ?? '', scope, at.child('auditAnnotations'))),
  ]
}

function* checkValidation(validation: Validation, scope: Scope, at: FieldPath): Steps<FieldError[]> {
  const { expression = '', message, messageExpression, reason } = validation
  const errors: FieldError[] = []
  if (!expression.trim()) errors.push(at.child('expression').required('expression is not specified'))
  else errors.push(...yield* checkExpression(scope, expression, { wanted: ['bool'], at: at.child('expression') }))
  if (messageExpression && !messageExpression.trim()) errors.push(at.child('messageExpression').invalid(messageExpression, 'must be non-empty if specified'))
  else if (messageExpression) errors.push(...yield* checkExpression(scope, messageExpression, { wanted: ['string'], authorizer: false, at: at.child('messageExpression') }))
  if (message && !message.trim()) errors.push(at.child('message').invalid(message, 'must be non-empty if specified'))
  else if (message && /[\n\r]/.test(message.trim())) errors.push(at.child('message').invalid(message, 'must not contain line breaks'))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(at.child('reason').notSupported(reason, reasons))
  return errors
}

function* checkAnnotations(annotations: readonly AuditAnnotation[], policy: string, scope: Scope, at: FieldPath): Steps<FieldError[]> {
  const keys = new Set<string>()
  const found = yield* eachInSteps(annotations, function* ({ key = '', valueExpression = '' }, i): Steps<FieldError[]> {
    const here = at.child(i)
    const repeated = keys.has(key) ? [here.child('key').duplicate(key)] : []
    keys.add(key)
    return [
      ...(policy ? say(here.child('key'), `${policy}/${key}`, isQualifiedName(`${policy}/${key}`)) : [here.child('key').invalid(key, 'requires metadata.name be non-empty')]),
      ...yield* checkAnnotationValue(valueExpression, scope, here.child('valueExpression')),
      ...repeated,
    ]
  })
  return [...(annotations.length > mostAnnotations ? [at.invalid(annotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression })), `must not have more than ${mostAnnotations} auditAnnotations`)] : []), ...found.flat()]
}

function* checkAnnotationValue(expression: string, scope: Scope, at: FieldPath): Steps<FieldError[]> {
  const trimmed = expression.trim()
  if (!trimmed) return [at.required('valueExpression is not specified')]
  if (Buffer.byteLength(trimmed) > longestAnnotation) return [at.required(`must not exceed ${longestAnnotation} bytes in length`)]
  return yield* checkExpression(scope, trimmed, { wanted: ['string', 'null_type'], shown: expression, at })
}
