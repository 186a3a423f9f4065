import { Budget, Processor } from '../../../base/cel/budget.ts'
import { fromJson } from '../../../base/cel/from-json.ts'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation } from '../../../kinds/generated/types.ts'
import { forbidden, StatusError } from '../../../kinds/status-error.ts'
import type { Authorize } from '../../authz.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../chain.ts'
import { AnnotationCollector, type Annotation } from './annotations.ts'
import { type Compiler, createCompiler, evaluate, type Expression, type Outcome, variablesOf } from './expressions.ts'
import type { Invocation, Misfit, Policies } from './follow-policies.ts'
import { compileConditions, meets } from './match-conditions.ts'

interface CompiledValidation {
  readonly validation: Validation
  readonly expression: Expression
  readonly message?: Expression
}

export interface CompiledValidating {
  readonly compiler: Compiler
  readonly conditions: readonly Expression[]
  readonly validations: readonly CompiledValidation[]
  readonly annotations: ReadonlyArray<{ readonly key: string; readonly expression: Expression }>
}

export function compileValidating({ spec = {} }: Readonly<ValidatingAdmissionPolicy>): CompiledValidating {
  const compiler = createCompiler(spec.paramKind !== undefined, spec.variables)
  return {
    compiler,
    conditions: compileConditions(compiler, spec.matchConditions),
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compiler.expression(validation.expression, ['bool']),
      ...(validation.messageExpression ? { message: compiler.expression(validation.messageExpression, ['string'], { authorizer: false }) } : {}),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({ key, expression: compiler.expression(valueExpression, ['string', 'null']) })),
  }
}

/** What one expression of a policy says against a request. */
interface Denial {
  readonly policy: string
  readonly binding?: string
  readonly message: string
  readonly reason?: string | undefined
}

type Found = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>
type Wrong = Misfit<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>

/** Refuses, warns of and notes what ValidatingAdmissionPolicies say no to. */
export const validatingPolicies = (policies: Policies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>, authorize: Authorize | undefined): AdmissionPlugin => ({
  name: 'ValidatingAdmissionPolicy',
  everywhere: true,
  validate(request) {
    const found = policies.about(request)
    if (found.length === 0) return
    const denials: Denial[] = []
    const processor = new Processor()
    const collector = new AnnotationCollector()
    for (const each of found) {
      if ('message' in each) denials.push(...misfit(each))
      else denials.push(...judge(each, request, authorize, processor, collector))
    }
    collector.publish(request.context)
    if (denials[0]) throw refusal(request, denials[0])
  },
})

const ignores = ({ spec }: Readonly<ValidatingAdmissionPolicy>): boolean => spec?.failurePolicy === 'Ignore'
const nameOf = ({ metadata }: { metadata: { name?: string } }): string => metadata.name ?? ''

const misfit = ({ policy, binding, message }: Wrong): Denial[] =>
  ignores(policy) ? [] : [{ policy: nameOf(policy), ...(binding ? { binding: nameOf(binding) } : {}), message }]

function judge(found: Found, request: AdmissionRequest, authorize: Authorize | undefined, processor: Processor, collector: AnnotationCollector): Denial[] {
  const { policy, binding, compiled, matched, param } = found
  const given = { ...variablesOf(request, matched, authorize), ...(policy.spec?.paramKind ? { params: param ? fromJson(param) : null } : {}) }
  const within = (budget: Budget) => ({ ...given, variables: compiled.compiler.variables(given, budget) })
  const met = meets(compiled.conditions, within, policy.spec?.failurePolicy, processor)
  const of = { policy: nameOf(policy), binding: nameOf(binding) }
  if ('error' in met) return act(found, [{ message: met.error, index: 0 }], request).map((denial) => ({ ...of, ...denial }))
  if (!met.met) return []
  const decisions = decide(found, within, processor)
  const annotated = annotationsOf(found, within, processor)
  collector.add(of.policy, annotated.filter((each) => 'value' in each))
  const failed = annotated.filter((each) => 'error' in each).map(({ error }) => ({ message: error }))
  return [...act(found, decisions, request), ...(ignores(policy) ? [] : failed)].map((denial) => ({ ...of, ...denial }))
}

interface Decision {
  readonly message: string
  readonly reason?: string | undefined
  /** Of the validation. */
  readonly index: number
}

/** What the policy says against the request, with errors as its failurePolicy has them. */
function decide({ policy, compiled }: Found, within: (budget: Budget) => Readonly<Record<string, unknown>>, processor: Processor): Decision[] {
  const budget = new Budget(undefined, processor)
  const variables = within(budget)
  const decisions: Decision[] = []
  try {
    const outcomes = compiled.validations.map(({ expression }) => evaluate(expression, variables, budget))
    for (const [index, outcome] of outcomes.entries()) {
      const each = compiled.validations[index]!
      if ('error' in outcome) {
        if (!ignores(policy)) decisions.push({ message: outcome.error, index })
      } else if (outcome.value !== true) decisions.push({ message: messageFor(each, variables, budget), reason: each.validation.reason ?? 'Invalid', index })
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CostExceeded') throw error
    return ignores(policy) ? [] : [{ message: error.message, index: 0 }]
  }
  return decisions
}

const longestMessage = 5 * 1024

function messageFor({ validation, message }: CompiledValidation, variables: Readonly<Record<string, unknown>>, budget: Budget): string {
  const outcome: Outcome = message ? evaluate(message, variables, budget) : { error: '' }
  const said = 'value' in outcome && typeof outcome.value === 'string' ? outcome.value.trim() : ''
  if (said !== '' && said.length <= longestMessage && !said.includes('\n')) return said
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`
}

/** Does with decisions what the binding wants done; returns those that refuse the request. */
function act({ policy, binding }: Found, decisions: readonly Decision[], { context }: AdmissionRequest): Array<Omit<Denial, 'policy'>> {
  const actions = binding.spec.validationActions
  for (const { message, index } of decisions) {
    if (actions.includes('Warn')) context.warnings.push(`Validation failed for ValidatingAdmissionPolicy '${nameOf(policy)}' with binding '${nameOf(binding)}': ${message}`)
    if (actions.includes('Audit') && context.audit) {
      context.audit['validation.policy.admission.k8s.io/validation_failure'] =
        JSON.stringify([{ message, policy: nameOf(policy), binding: nameOf(binding), expressionIndex: index, validationActions: actions }])
    }
  }
  return actions.includes('Deny') ? decisions.map(({ message, reason }) => ({ message, reason })) : []
}

function annotationsOf({ compiled }: Found, within: (budget: Budget) => Readonly<Record<string, unknown>>, processor: Processor): Annotation[] {
  if (compiled.annotations.length === 0) return []
  const budget = new Budget(undefined, processor)
  const variables = within(budget)
  return compiled.annotations.map(({ key, expression }) => {
    try {
      const outcome = evaluate(expression, variables, budget)
      if ('error' in outcome) return { key, error: outcome.error }
      return { key, value: typeof outcome.value === 'string' ? outcome.value.trim() : '' }
    } catch (error) {
      if (error instanceof Error && error.name === 'CostExceeded') return { key, error: error.message }
      throw error
    }
  })
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

function refusal({ kind, name, object }: AdmissionRequest, { policy, binding, message, reason = 'Invalid' }: Denial): StatusError {
  const who = binding === undefined ? `'${policy}'` : `'${policy}' with binding '${binding}'`
  const sentence = `ValidatingAdmissionPolicy ${who} denied request: ${message}`
  const { status } = forbidden(kind, name || object.metadata.name || object.metadata.generateName || 'Unknown', sentence)
  return new StatusError({ ...status, reason, code: codes[reason] ?? 422, details: { ...status.details, causes: [{ message: sentence }] } })
}
