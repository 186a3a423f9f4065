import { Budget, Processor } from '../../../base/cel/budget.ts'
import { fromJson } from '../../../base/cel/from-json.ts'
import { equalJson } from '../../../base/json.ts'
import { copyInSteps, equalInSteps } from '../../../base/json-steps.ts'
import { errorMessage } from '../../../base/log.ts'
import { atOnce, eachInSteps, type Steps } from '../../../base/turns.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { forbidden, StatusError } from '../../../kinds/status-error.ts'
import type { Authorize } from '../../authz.ts'
import { decodeMutated, type Expected } from '../../decode.ts'
import { replaceContent } from '../../reviewed.ts'
import { scaleType, withScale } from '../../subresources/scale.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../chain.ts'
import { inKind } from '../match-rules.ts'
import { withJsonPatch } from './apply-json-patch.ts'
import { MutationFailed, type Typed, withConfiguration } from './apply-patch.ts'
import { type Compiler, createCompiler, evaluate, type Expression } from './expressions.ts'
import type { Invocation, Misfit, Policies } from './follow-policies.ts'
import { compileConditions, meets } from './match-conditions.ts'
import { errorTypeOf, type MutatingPolicyMetrics } from './policy-metrics.ts'
import { asShown, variablesOf } from './request-variables.ts'
import { settled, structured } from './settled.ts'

export interface CompiledMutating {
  readonly compiler: Compiler
  readonly conditions: readonly Expression[]
  readonly mutations: ReadonlyArray<{ readonly type: string; readonly expression: Expression }>
}

export function* compileMutating({ spec = {} }: Readonly<MutatingAdmissionPolicy>): Steps<CompiledMutating> {
  const compiler = yield* createCompiler(spec.paramKind !== undefined, spec.variables)
  return {
    compiler,
    conditions: yield* compileConditions(compiler, spec.matchConditions),
    mutations: yield* eachInSteps(spec.mutations, function* ({ patchType, applyConfiguration, jsonPatch }) {
      return {
        type: patchType,
        expression: patchType === 'JSONPatch'
          ? yield* compiler.expression(jsonPatch?.expression ?? '', ['list(JSONPatch)'], { patchTypes: true })
          : yield* compiler.expression(applyConfiguration?.expression ?? '', ['Object'], { patchTypes: true }),
      }
    }),
  }
}

type Found = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>
type Wrong = Misfit<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>

/** What the policies have done to an object, for when they are asked again. */
interface Before {
  /** As they left it. */
  readonly left: Readonly<KubeObject>
  /** Those that wish to be asked again after anybody changed the object. */
  readonly reinvocable: ReadonlySet<string>
  /** They changed it themselves, and have not been asked again yet. */
  readonly pending: boolean
}

interface Failure {
  readonly of: Found | Wrong
  readonly message: string
  readonly reason?: 'Invalid'
}

const keyOf = ({ policy, binding, param }: Found): string =>
  JSON.stringify([policy.metadata.name, binding.metadata.name, param?.metadata.namespace, param?.metadata.name])

/** Changes objects as MutatingAdmissionPolicies say. */
export function mutatingPolicies(
  policies: Policies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>, authorize: Authorize | undefined, metrics: MutatingPolicyMetrics,
): AdmissionPlugin {
  const done = new WeakMap<KubeObject, Before>()
  const mutated = new WeakSet<KubeObject>()
  function* admitInSteps(request: AdmissionRequest): Steps<void> {
    if (request.operation === 'DELETE') return
    const found = policies.about(asShown(request))
    if (found.length === 0) return
    const before = done.get(request.object)
    if (before && !before.pending && (yield* equalInSteps(before.left, request.object))) return
    const round = new Round(request, authorize, metrics, before?.reinvocable)
    const failures = [...found.filter((each) => 'message' in each).map((of) => ({ of, message: of.message })), ...(yield* round.run(found.filter((each) => 'compiled' in each)))]
    const pending = !before && round.patched && round.reinvocable.size > 0
    if (round.mutated || pending) mutated.add(request.object)
    done.set(request.object, { left: yield* copyInSteps(request.object), reinvocable: before?.reinvocable ?? round.reinvocable, pending })
    const fatal = failures.filter(({ of }) => of.policy.spec?.failurePolicy !== 'Ignore')
    if (fatal.length > 0) throw refusal(request, fatal)
  }
  return {
    name: 'MutatingAdmissionPolicy',
    everywhere: true,
    early: true,
    admit(request) {
      const before = done.get(request.object)
      // so it is again in the commit of a large object
      if (!before || before.pending || !equalJson(before.left, request.object)) atOnce(admitInSteps(request))
    },
    admitInSteps,
    changed: ({ object }) => mutated.delete(object),
  }
}

/** The policies' turn: each once, or once more those that wish it. */
class Round {
  readonly reinvocable = new Set<string>()
  mutated = false
  /** Whether there was anything to lay over the object, were it the same. */
  patched = false
  readonly #request: AdmissionRequest
  readonly #authorize: Authorize | undefined
  readonly #metrics: MutatingPolicyMetrics
  readonly #again: ReadonlySet<string> | undefined
  readonly #processor: Processor
  readonly #failures: Failure[] = []

  /** `again`: who is asked once more, where all have been asked before. */
  constructor(request: AdmissionRequest, authorize: Authorize | undefined, metrics: MutatingPolicyMetrics, again: ReadonlySet<string> | undefined) {
    this.#request = request
    this.#processor = new Processor({ inSlices: request.context.large === true })
    this.#authorize = authorize
    this.#metrics = metrics
    this.#again = again
  }

  *run(found: readonly Found[]): Steps<Failure[]> {
    for (const each of found) {
      if (this.#again && !this.#again.has(keyOf(each))) continue
      if ((yield* this.#invoke(each)) && each.policy.spec?.reinvocationPolicy === 'IfNeeded') this.reinvocable.add(keyOf(each))
    }
    return this.#failures
  }

  /** Whether the conditions of the policy were met. */
  *#invoke(found: Found): Steps<boolean> {
    const { policy, compiled, matched, param } = found
    const request = this.#request
    const before = yield* copyInSteps(request.object)
    const authorize = this.#authorize
    function* given(): Steps<Record<string, unknown>> {
      return { ...(yield* variablesOf(asShown(request), matched, authorize)), ...(policy.spec?.paramKind ? { params: param ? fromJson(param) : null } : {}) }
    }
    const within = (variables: Readonly<Record<string, unknown>>) => (budget: Budget) => ({ ...variables, variables: compiled.compiler.variables(variables, budget) })
    const met = atOnce(meets(compiled.conditions, within(compiled.conditions.length > 0 ? yield* given() : {}), {
      // Kubernetes calls the step of both sorts so
      of: { name: policy.metadata.name ?? '', kind: 'policy', type: 'validate', operation: request.operation },
      failurePolicy: policy.spec?.failurePolicy, metrics: this.#metrics.conditions, processor: this.#processor,
    }))
    if ('error' in met) this.#failures.push({ of: found, message: met.error, reason: 'Invalid' })
    if ('error' in met || !met.met) return false
    for (const { type, expression } of compiled.mutations) {
      const began = performance.now()
      try {
        const budget = new Budget(undefined, this.#processor)
        const outcome = evaluate(expression, within(yield* given())(budget), budget)
        if ('error' in outcome) throw new MutationFailed(outcome.error)
        yield
        replaceContent(request.object, yield* mutatedBy(request, matched, mutationOf(type, outcome.value)))
        this.patched = true
        this.#count(found, began)
      } catch (error) {
        this.#count(found, began, error)
        if (!(error instanceof Error) || !['MutationFailed', 'CostExceeded'].includes(error.name)) throw error
        this.#failures.push({ of: found, message: error.message, reason: 'Invalid' })
      }
    }
    this.mutated ||= !(yield* equalInSteps(before, request.object))
    return true
  }

  #count({ policy, binding }: Found, began: number, error?: unknown): void {
    const errorType = error === undefined ? 'no_error' : errorTypeOf(errorMessage(error))
    this.#metrics.observe({ policy: policy.metadata.name ?? '', binding: binding.metadata.name ?? '', errorType, seconds: (performance.now() - began) / 1000 })
  }
}

/** What an expression makes of an object: merged, or patched so that it has to be read anew. */
interface Mutation {
  readonly isPatch: boolean
  mutate(type: Typed, object: Readonly<KubeObject>): Steps<unknown>
}

const mutationOf = (type: string, value: unknown): Mutation => type === 'JSONPatch'
  ? { isPatch: true, mutate: (_type, object) => withJsonPatch(object, value) }
  : { isPatch: false, mutate: (of, object) => withConfiguration(of, object, value) }

/** What becomes of the request's object when what policies are shown of it is changed. @throws MutationFailed, StatusError */
function* mutatedBy(request: AdmissionRequest, matched: AnyKind, { isPatch, mutate }: Mutation): Steps<KubeObject> {
  const { kind, object, context } = request
  const shown = asShown(request)
  const { type } = shown
  const made = yield* mutate(type ? { ...type, schema: publishedWith(kind, request.operation, type) } : matched, type ? shown.object : inKind(object, kind, matched))
  yield
  const own = type ?? matched
  const read = isPatch ? yield* decodeMutated(own, made, context) : yield* structured(own, made as KubeObject)
  yield
  if (type === scaleType) return withScale(kind, object, read)
  // the options of a connection have no metadata
  if (type && !('metadata' in object)) delete (read as Partial<KubeObject>).metadata
  if (type) return { ...read, apiVersion: object.apiVersion, kind: object.kind }
  return yield* settled(request, inKind(read, matched, kind) as KubeObject)
}

/** The structure of what a subresource is sent, where it is published with its own version: nowhere else does Kubernetes look for it. */
const publishedWith = (kind: AnyKind, operation: AdmissionRequest['operation'], { apiVersion, schema }: Expected): string | undefined =>
  apiVersion === kind.apiVersion && operation !== 'CONNECT' ? schema : undefined

function refusal({ kind, name, object }: AdmissionRequest, failures: readonly Failure[]): StatusError {
  const sentences = failures.map(({ of, message }) => of.binding
    ? `policy '${of.policy.metadata.name}' with binding '${of.binding.metadata.name}' denied request: ${message}`
    : `policy ${JSON.stringify(of.policy.metadata.name)} denied request: ${message}`)
  const { status } = forbidden(kind, name || object.metadata.name || object.metadata.generateName || 'Unknown', 'admission request denied by policy')
  const causes = [...(status.details?.causes ?? []), ...sentences.map((message) => ({ message }))]
  return new StatusError({ ...status, message: sentences[0]!, reason: failures[0]?.reason ?? 'Forbidden', details: { ...status.details, causes } })
}
