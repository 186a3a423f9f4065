import { equalJson } from '../../base/json.ts'
import { each, say, unique } from '../checks.ts'
import { age } from '../columns.ts'
import { admissionCel } from '../custom/cel-rules.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isQualifiedName } from '../validation.ts'
import { checkExpression, checkMatchConditions } from './match-conditions.ts'
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
  default: defaultPolicy,
  validate,
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Validations', type: 'integer', description: 'Validations indicates the number of validation rules defined in this configuration', cell: ({ spec }) => spec?.validations?.length ?? 0 },
    paramKindColumn,
    age,
  ],
})

function validate({ spec = {}, metadata }: ValidatingAdmissionPolicy, root: FieldPath, old?: ValidatingAdmissionPolicy): FieldError[] {
  // what was accepted once is not compiled again
  if (old && equalJson(spec, old.spec)) return []
  const at = root.child('spec')
  const params = spec.paramKind !== undefined
  const { errors, variables } = checkVariables(spec.variables, params, at.child('variables'))
  const environment = (authorizer: boolean) => admissionCel().admissionEnvironment({ params, authorizer, variables, checked: true })
  const [withAuthorizer, without] = [environment(true), environment(false)]
  return [
    ...checkOneOf(spec.failurePolicy, failurePolicies, at.child('failurePolicy')),
    ...checkParamKind(spec.paramKind, at.child('paramKind')),
    ...checkConstraints(spec.matchConstraints, at.child('matchConstraints')),
    ...checkMatchConditions(spec.matchConditions, at.child('matchConditions'), undefined, params),
    ...errors,
    ...somethingToDo(spec, at),
    ...each(spec.validations, at.child('validations'), (validation, here) => checkValidation(validation, withAuthorizer, without, here)),
    ...checkAnnotations(spec.auditAnnotations, metadata.name ?? '', withAuthorizer, at.child('auditAnnotations')),
  ]
}

function somethingToDo({ validations = [], auditAnnotations = [] }: NonNullable<ValidatingAdmissionPolicy['spec']>, at: FieldPath): FieldError[] {
  if (validations.length + auditAnnotations.length > 0) return []
  return ['validations', 'auditAnnotations'].map((name) => at.child(name).required('validations or auditAnnotations must contain at least one item'))
}

type Environment = Parameters<typeof checkExpression>[0]

function checkValidation(validation: Validation, withAuthorizer: Environment, without: Environment, at: FieldPath): FieldError[] {
  const { expression = '', message, messageExpression, reason } = validation
  const errors: FieldError[] = []
  if (!expression.trim()) errors.push(at.child('expression').required('expression is not specified'))
  else errors.push(...checkExpression(withAuthorizer, expression, ['bool'], at.child('expression')))
  if (messageExpression && !messageExpression.trim()) errors.push(at.child('messageExpression').invalid(messageExpression, 'must be non-empty if specified'))
  else if (messageExpression) errors.push(...checkExpression(without, messageExpression, ['string'], at.child('messageExpression')))
  if (message && !message.trim()) errors.push(at.child('message').invalid(message, 'message must be non-empty if specified'))
  else if (message && /[\n\r]/.test(message.trim())) errors.push(at.child('message').invalid(message, 'message must not contain line breaks'))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(at.child('reason').notSupported(reason, reasons))
  return errors
}

function checkAnnotations(annotations: readonly AuditAnnotation[] | undefined, policy: string, environment: Environment, at: FieldPath): FieldError[] {
  if (!annotations) return []
  return [
    ...(annotations.length > mostAnnotations ? [at.invalid(annotations, `must not have more than ${mostAnnotations} auditAnnotations`)] : []),
    ...each(annotations, at, ({ key = '', valueExpression = '' }, here) => [
      ...(policy ? say(here.child('key'), `${policy}/${key}`, isQualifiedName(`${policy}/${key}`)) : [here.child('key').invalid(key, 'requires metadata.name be non-empty')]),
      ...checkAnnotationValue(valueExpression, environment, here.child('valueExpression')),
    ]),
    ...unique(annotations, ({ key }) => key, (i) => at.child(i, 'key')),
  ]
}

function checkAnnotationValue(expression: string, environment: Environment, at: FieldPath): FieldError[] {
  if (!expression.trim()) return [at.required('valueExpression is not specified')]
  if (expression.trim().length > longestAnnotation) return [at.required(`must not exceed ${longestAnnotation} bytes in length`)]
  return checkExpression(environment, expression, ['string', 'null'], at)
}
