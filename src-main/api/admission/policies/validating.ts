import { Budget, Processor } from '../../../base/cel/budget.ts'
import { Judgements } from '../../../base/long-work.ts'
import { eachInSteps, inSteps, type Steps } from '../../../base/turns.ts'
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation } from '../../../kinds/generated/types.ts'
import { lookup } from '../../../kinds/lookup.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { forbidden, StatusError } from '../../../kinds/status-error.ts'
import type { Authorize } from '../../authz.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../chain.ts'
import { AnnotationCollector, type Annotation } from './annotations.ts'
import { type Compiler, createCompiler, evaluate, type Expression, type Outcome } from './expressions.ts'
import type { Invocation, Misfit, Policies } from './follow-policies.ts'
import { compileConditions, meets } from './match-conditions.ts'
import { errorTypeOf, type ValidatingPolicyMetrics } from './policy-metrics.ts'
import { asShown, requestIdentity, variablesFor } from './request-variables.ts'

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

export function* compileValidating({ spec = {} }: Readonly<ValidatingAdmissionPolicy>): Steps<CompiledValidating> {
  const compiler = yield* createCompiler(spec.paramKind !== undefined, spec.variables)
  return {
    compiler,
    conditions: yield* compileConditions(compiler, spec.matchConditions),
    validations: yield* eachInSteps(spec.validations, function* (validation) {
      return {
        validation,
        expression: yield* compiler.expression(validation.expression, ['bool']),
        ...(validation.messageExpression ? { message: yield* compiler.expression(validation.messageExpression, ['string'], { authorizer: false }) } : {}),
      }
    }),
    annotations: yield* eachInSteps(spec.auditAnnotations, function* ({ key, valueExpression }) {
      return { key, expression: yield* compiler.expression(valueExpression, ['string', 'null_type']) }
    }),
  }
}

/** What one expression of a policy says against a request. */
interface Denial {
  readonly policy: string
  readonly binding?: string
  readonly message: string
  readonly reason?: string | undefined
}

/** What all policies together say of a request. */
interface Verdict {
  readonly denials: Denial[]
  readonly warnings: string[]
  readonly audit: Record<string, string>
}

/** What is needed to judge a request. */
interface Court {
  readonly authorize: Authorize | undefined
  readonly metrics: ValidatingPolicyMetrics
}

type Found = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>
type Wrong = Misfit<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>

/** Refuses, warns of and notes what ValidatingAdmissionPolicies say no to. */
export function validatingPolicies(
  policies: Policies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>, authorize: Authorize | undefined, metrics: ValidatingPolicyMetrics,
): AdmissionPlugin {
  const court: Court = { authorize, metrics }
  const judgements = new Judgements<Verdict>()
  return {
    name: 'ValidatingAdmissionPolicy',
    everywhere: true,
    early: true,
    validate(asked) {
      const request = asShown(asked)
      const found = policies.about(request)
      if (found.length > 0) announce(request, judgements.on(() => [...found.map(identity), ...requestIdentity(request)], () => judgeAll(found, request, court)))
    },
    *validateInSteps(asked) {
      const request = asShown(asked)
      const found = policies.about(request)
      if (found.length > 0) announce(request, yield* judgeAll(found, request, court))
    },
  }
}

function announce(request: AdmissionRequest, { denials, warnings, audit }: Verdict): void {
  request.context.warnings.push(...warnings)
  if (request.context.audit) Object.assign(request.context.audit, audit)
  if (denials[0]) throw refusal(request, denials[0])
}

const versionOf = (object: Readonly<KubeObject> | undefined): unknown => object && [object.metadata.uid, object.metadata.resourceVersion]
const identity = (found: Found | Wrong): unknown => ('message' in found ? found.message : [found.policy, found.binding, found.param].map(versionOf))

const ignores = ({ spec }: Readonly<ValidatingAdmissionPolicy>): boolean => spec?.failurePolicy === 'Ignore'
const nameOf = ({ metadata }: { metadata: { name?: string } }): string => metadata.name ?? ''

const misfit = ({ policy, binding, message }: Wrong): Denial[] =>
  ignores(policy) ? [] : [{ policy: nameOf(policy), ...(binding ? { binding: nameOf(binding) } : {}), message }]

/** Rests between the expressions. */
function* judgeAll(found: ReadonlyArray<Found | Wrong>, request: AdmissionRequest, { authorize, metrics }: Court): Steps<Verdict> {
  const verdict: Verdict = { denials: [], warnings: [], audit: {} }
  const collector = new AnnotationCollector()
  const given = yield* variablesFor(found, request, authorize)
  for (const each of found) {
    if ('message' in each) verdict.denials.push(...misfit(each))
    else yield* judge({ ...each, operation: request.operation }, given(each), verdict, collector, metrics)
  }
  collector.publish(verdict.audit)
  return verdict
}

function* judge(found: Found & Pick<AdmissionRequest, 'operation'>, given: Readonly<Record<string, unknown>>, verdict: Verdict, collector: AnnotationCollector, metrics: ValidatingPolicyMetrics): Steps<void> {
  const { policy, binding, compiled, operation } = found
  const within = (budget: Budget) => ({ ...given, variables: compiled.compiler.variables(given, budget) })
  const of = { policy: nameOf(policy), binding: nameOf(binding) }
  const met = yield* meets(compiled.conditions, within, {
    of: { name: of.policy, kind: 'policy', type: 'validate', operation }, failurePolicy: policy.spec?.failurePolicy, metrics: metrics.conditions,
  })
  if (!('error' in met) && !met.met) return
  const decisions = 'error' in met ? [{ message: met.error, index: 0, seconds: 0 }] : yield* decide(found, within)
  for (const decision of decisions) {
    const actions = decision.ignored ? ['allow' as const] : binding.spec.validationActions.flatMap((action) => lookup(counted, action) ?? [])
    for (const action of actions) metrics.observe({ ...of, errorType: errorTypeOf(decision.message), action, seconds: decision.seconds })
  }
  verdict.denials.push(...act(found, decisions.filter(({ ignored }) => !ignored), verdict).map((denial) => ({ ...of, ...denial })))
  if ('error' in met) return
  // as in Kubernetes: they may name the authorizer, and fail when they ask it
  const { authorizer: _nobody, 'authorizer.requestResource': _none, ...unasked } = given
  const annotated = yield* annotationsOf(found, (budget) => ({ ...unasked, variables: compiled.compiler.variables(given, budget) }))
  collector.add(of.policy, annotated.filter((each) => 'value' in each))
  const failed = ignores(policy) ? [] : annotated.filter((each) => 'error' in each)
  for (const { error, seconds } of failed) metrics.observe({ ...of, errorType: errorTypeOf(error), action: 'deny', seconds })
  verdict.denials.push(...failed.map(({ error }) => ({ ...of, message: error })))
}

const counted: Readonly<Record<string, 'deny' | 'audit' | 'warn'>> = { Deny: 'deny', Audit: 'audit', Warn: 'warn' }

interface Decision {
  readonly message: string
  readonly reason?: string | undefined
  /** Of the validation. */
  readonly index: number
  /** What its expression took. */
  readonly seconds: number
  /** An error that the policy lets pass. */
  readonly ignored?: boolean
}

type Within = (budget: Budget) => Readonly<Record<string, unknown>>

/** What the policy says against the request, with errors as its failurePolicy has them. */
function* decide({ policy, compiled }: Found, within: Within): Steps<Decision[]> {
  const budget = new Budget(undefined, new Processor({ inSlices: true }))
  const variables = within(budget)
  try {
    const outcomes = yield* inSteps(compiled.validations, ({ expression }) => {
      const began = performance.now()
      const outcome = evaluate(expression, variables, budget)
      return { outcome, seconds: (performance.now() - began) / 1000 }
    })
    const messages = yield* messagesOf(compiled.validations, variables, budget)
    return outcomes.flatMap(({ outcome, seconds }, index): Decision[] => {
      if ('error' in outcome) return [{ message: outcome.error, index, seconds, ignored: ignores(policy) }]
      if (outcome.value === true) return []
      if (typeof messages === 'string') return ignores(policy) ? [] : [{ message: messages, index, seconds }]
      const { validation } = compiled.validations[index]!
      return [{ message: messageFor(validation, messages[index]), reason: validation.reason ?? 'Invalid', index, seconds }]
    })
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CostExceeded') throw error
    return [{ message: error.message, index: 0, seconds: 0, ignored: ignores(policy) }]
  }
}

/** What every messageExpression makes, whether it is needed or not: they cost, too. */
function* messagesOf(validations: readonly CompiledValidation[], variables: Readonly<Record<string, unknown>>, budget: Budget): Steps<ReadonlyArray<Outcome | undefined> | string> {
  try {
    return yield* inSteps(validations, ({ message }) => message && evaluate(message, variables, budget))
  } catch (error) {
    if (error instanceof Error && error.name === 'CostExceeded') return `failed messageExpression: ${error.message}`
    throw error
  }
}

const longestMessage = 5 * 1024

function messageFor(validation: Validation, made: Outcome | undefined): string {
  const said = made && 'value' in made && typeof made.value === 'string' ? made.value.trim() : ''
  if (said !== '' && Buffer.byteLength(said) <= longestMessage && !said.includes('\n')) return said
  return validation.message?.trim() || `failed expression: ${validation.expression.trim()}`
}

/** Does with decisions what the binding wants done; returns those that refuse the request. */
function act({ policy, binding }: Found, decisions: readonly Decision[], { warnings, audit }: Verdict): Array<Omit<Denial, 'policy'>> {
  const actions = binding.spec.validationActions
  for (const { message, index } of decisions) {
    if (actions.includes('Warn')) warnings.push(`Validation failed for ValidatingAdmissionPolicy '${nameOf(policy)}' with binding '${nameOf(binding)}': ${message}`)
    // what has been noted first stays
    if (actions.includes('Audit')) audit['validation.policy.admission.k8s.io/validation_failure'] ??= JSON.stringify([{ message, policy: nameOf(policy), binding: nameOf(binding), expressionIndex: index, validationActions: actions }])
  }
  return actions.includes('Deny') ? decisions.map(({ message, reason }) => ({ message, reason })) : []
}

function* annotationsOf({ compiled }: Found, within: Within): Steps<Array<Annotation & { readonly seconds: number }>> {
  if (compiled.annotations.length === 0) return []
  const budget = new Budget(undefined, new Processor({ inSlices: true }))
  const variables = within(budget)
  return yield* inSteps(compiled.annotations, ({ key, expression }) => {
    const began = performance.now()
    const elapsed = (): number => (performance.now() - began) / 1000
    try {
      const outcome = evaluate(expression, variables, budget)
      if ('error' in outcome) return { key, error: outcome.error, seconds: elapsed() }
      return { key, value: typeof outcome.value === 'string' ? outcome.value.trim() : '', seconds: elapsed() }
    } catch (error) {
      if (error instanceof Error && error.name === 'CostExceeded') return { key, error: error.message, seconds: elapsed() }
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
