import { Budget, Processor } from '../../../base/cel/budget.ts'
import { fromJson } from '../../../base/cel/from-json.ts'
import { copyJson, equalJson } from '../../../base/json.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../kinds/generated/types.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { forbidden, StatusError } from '../../../kinds/status-error.ts'
import type { Authorize } from '../../authz.ts'
import { replaceContent } from '../../reviewed.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../chain.ts'
import { inKind } from '../match-rules.ts'
import { MutationFailed, settled, withConfiguration, withJsonPatch } from './apply-patch.ts'
import { type Compiler, createCompiler, evaluate, type Expression, variablesOf } from './expressions.ts'
import type { Invocation, Misfit, Policies } from './follow-policies.ts'
import { compileConditions, meets } from './match-conditions.ts'

export interface CompiledMutating {
  readonly compiler: Compiler
  readonly conditions: readonly Expression[]
  readonly mutations: ReadonlyArray<{ readonly type: string; readonly expression: Expression }>
}

export function compileMutating({ spec = {} }: Readonly<MutatingAdmissionPolicy>): CompiledMutating {
  const compiler = createCompiler(spec.paramKind !== undefined, spec.variables)
  return {
    compiler,
    conditions: compileConditions(compiler, spec.matchConditions),
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => ({
      type: patchType,
      expression: patchType === 'JSONPatch'
        ? compiler.expression(jsonPatch?.expression ?? '', ['list<JSONPatch>'], { patchTypes: true })
        : compiler.expression(applyConfiguration?.expression ?? '', ['Object'], { patchTypes: true }),
    })),
  }
}

type Found = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>
type Wrong = Misfit<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>

/** What the policies have done to an object, for when they are asked again. */
interface Before {
  /** As they left it. */
  readonly left: Readonly<KubeObject>
  readonly invoked: ReadonlySet<string>
}

interface Failure {
  readonly of: Found | Wrong
  readonly message: string
  readonly reason?: 'Invalid'
}

const keyOf = ({ policy, binding, param }: Found): string =>
  JSON.stringify([policy.metadata.name, binding.metadata.name, param?.metadata.namespace, param?.metadata.name])

/** Changes objects as MutatingAdmissionPolicies say. */
export function mutatingPolicies(policies: Policies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>, authorize: Authorize | undefined): AdmissionPlugin {
  const done = new WeakMap<KubeObject, Before>()
  const mutated = new WeakSet<KubeObject>()
  return {
    name: 'MutatingAdmissionPolicy',
    admit(request) {
      // only the kind's own objects can be merged with its types
      if (request.operation === 'DELETE' || request.type) return
      const found = policies.about(request)
      if (found.length === 0) return
      const before = done.get(request.object)
      if (before && equalJson(before.left, request.object)) return
      const round = new Round(request, authorize, before?.invoked)
      const failures = [...found.filter((each) => 'message' in each).map((of) => ({ of, message: of.message })), ...round.run(found.filter((each) => 'compiled' in each))]
      if (round.mutated) mutated.add(request.object)
      done.set(request.object, { left: copyJson(request.object), invoked: round.invoked })
      const fatal = failures.filter(({ of }) => of.policy.spec?.failurePolicy !== 'Ignore')
      if (fatal.length > 0) throw refusal(request, fatal)
    },
    changed: ({ object }) => mutated.delete(object),
  }
}

/** The policies' turn: each once, and those that wish it again after others changed the object. */
class Round {
  readonly invoked: Set<string>
  mutated = false
  readonly #request: AdmissionRequest
  readonly #authorize: Authorize | undefined
  readonly #again: boolean
  readonly #processor = new Processor()
  readonly #failures: Failure[] = []

  constructor(request: AdmissionRequest, authorize: Authorize | undefined, invoked: ReadonlySet<string> | undefined) {
    this.#request = request
    this.#authorize = authorize
    this.#again = invoked !== undefined
    this.invoked = new Set(invoked)
  }

  run(found: readonly Found[]): Failure[] {
    const earlier: Found[] = []
    let repeat: Found[] = []
    for (const each of found) {
      const known = this.invoked.has(keyOf(each))
      if (this.#again && known && !reinvocable(each)) continue
      if (this.#invoke(each)) repeat = [...earlier]
      this.invoked.add(keyOf(each))
      if (reinvocable(each)) earlier.push(each)
    }
    for (const each of repeat) this.#invoke(each)
    return this.#failures
  }

  /** Whether the object changed. */
  #invoke(found: Found): boolean {
    const { policy, compiled, matched, param } = found
    const request = this.#request
    const before = copyJson(request.object)
    const given = (): Record<string, unknown> => ({ ...variablesOf(request, matched, this.#authorize), ...(policy.spec?.paramKind ? { params: param ? fromJson(param) : null } : {}) })
    const within = (budget: Budget) => {
      const variables = given()
      return { ...variables, variables: compiled.compiler.variables(variables, budget) }
    }
    const met = meets(compiled.conditions, within, policy.spec?.failurePolicy, this.#processor)
    if ('error' in met) this.#failures.push({ of: found, message: met.error, reason: 'Invalid' })
    if ('error' in met || !met.met) return false
    for (const { type, expression } of compiled.mutations) {
      try {
        const budget = new Budget(undefined, this.#processor)
        const outcome = evaluate(expression, within(budget), budget)
        if ('error' in outcome) throw new MutationFailed(outcome.error)
        const seen = inKind(request.object, request.kind, matched)
        const mutated = type === 'JSONPatch' ? withJsonPatch(seen, outcome.value) : withConfiguration(matched, seen, outcome.value)
        replaceContent(request.object, settled(request.kind, copyJson(inKind(mutated, matched, request.kind)) as KubeObject, request.object, request.subresource))
      } catch (error) {
        if (!(error instanceof Error) || !['MutationFailed', 'CostExceeded'].includes(error.name)) throw error
        this.#failures.push({ of: found, message: error.message, reason: 'Invalid' })
      }
    }
    const changed = !equalJson(before, request.object)
    this.mutated ||= changed
    return changed
  }
}

const reinvocable = ({ policy }: Found): boolean => policy.spec?.reinvocationPolicy === 'IfNeeded'

function refusal({ kind, name, object }: AdmissionRequest, failures: readonly Failure[]): StatusError {
  const sentences = failures.map(({ of, message }) => of.binding
    ? `policy '${of.policy.metadata.name}' with binding '${of.binding.metadata.name}' denied request: ${message}`
    : `policy ${JSON.stringify(of.policy.metadata.name)} denied request: ${message}`)
  const { status } = forbidden(kind, name || object.metadata.name || object.metadata.generateName || 'Unknown', 'admission request denied by policy')
  const causes = [...(status.details?.causes ?? []), ...sentences.map((message) => ({ message }))]
  return new StatusError({ ...status, message: sentences[0]!, reason: failures[0]?.reason ?? 'Forbidden', details: { ...status.details, causes } })
}
