import { type Steps, turns } from '../../../base/turns.ts'
import { mutatingWebhookConfiguration } from '../../../kinds/admissionregistration/mutating-webhook-configuration.ts'
import { validatingWebhookConfiguration } from '../../../kinds/admissionregistration/validating-webhook-configuration.ts'
import { loadRules } from '../../../kinds/custom/cel-rules.ts'
import type { MatchCondition, MutatingWebhook, ValidatingWebhook } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import type { Store } from '../../../store/store.ts'
import { follow } from '../../auth/follow.ts'
import { versionsOf } from '../../versions.ts'
import type { Concern } from '../chain.ts'
import { matchedKind } from '../match-rules.ts'
import { createCompiler, type Expression } from '../policies/expressions.ts'
import { compileConditions } from '../policies/match-conditions.ts'

export type Webhook = MutatingWebhook | ValidatingWebhook

/** A webhook with where it stands: configurations in their names' order, their webhooks in their own. */
export interface Hook<W extends Webhook = Webhook> {
  readonly configuration: string
  readonly webhook: Readonly<W>
  /** Among all of its sort. */
  readonly index: number
  /** Its match conditions, compiled when they are first needed. */
  conditions(): Promise<readonly Expression[]>
}

/** A webhook that a request falls under the rules of: in its own version, or with matchPolicy Equivalent in another. */
export interface Call<W extends Webhook = Webhook> {
  readonly hook: Hook<W>
  readonly kind: AnyKind
}

export interface Configurations<W extends Webhook = Webhook> {
  /** In the order they are called in. */
  concerning(concern: Concern): ReadonlyArray<Call<W>>
  close(): void
}

interface Configuration<W extends Webhook> extends KubeObject {
  webhooks?: W[]
}

export const followMutating = (store: Store): Promise<Configurations<MutatingWebhook>> => followWebhooks(store, mutatingWebhookConfiguration)
export const followValidating = (store: Store): Promise<Configurations<ValidatingWebhook>> => followWebhooks(store, validatingWebhookConfiguration)

const none: readonly never[] = []

/** Keeps the configurations of one sort as they are stored: a new one holds before its creation is acknowledged. */
async function followWebhooks<W extends Webhook>(store: Store, kind: AnyKind): Promise<Configurations<W>> {
  const configurations = new Map<string, Readonly<Configuration<W>>>()
  let hooks: ReadonlyArray<Hook<W>> = none
  let known = new WeakMap<AnyKind, Map<string, ReadonlyArray<Call<W>>>>()
  const subscription = await follow<Configuration<W>>(store, kind, (object, old) => {
    if (object) configurations.set(object.metadata.name ?? '', object)
    else if (old) configurations.delete(old.metadata.name ?? '')
    hooks = hooksOf([...configurations.values()])
    known = new WeakMap()
  })
  return {
    concerning(concern) {
      if (hooks.length === 0 || isExempt(concern.kind)) return none
      const { operation, subresource = '', namespace } = concern
      let calls = known.get(concern.kind)
      if (!calls) known.set(concern.kind, (calls = new Map()))
      const key = `${operation} ${subresource} ${namespace === undefined ? '' : 'namespaced'}`
      let found = calls.get(key)
      if (!found) calls.set(key, (found = callsFor(hooks, concern)))
      return found
    },
    close: () => subscription.close(),
  }
}

function hooksOf<W extends Webhook>(configurations: ReadonlyArray<Readonly<Configuration<W>>>): Array<Hook<W>> {
  const named = configurations.map(({ metadata: { name = '' }, webhooks = [] }) => ({ name, webhooks }))
  named.sort((a, b) => (a.name < b.name ? -1 : 1))
  return named
    .flatMap(({ name, webhooks }) => webhooks.map((webhook) => ({ configuration: name, webhook })))
    .map((hook, index) => ({ ...hook, index, conditions: conditionsOf(hook.webhook) }))
}

function conditionsOf({ matchConditions = [] }: Readonly<Webhook>): () => Promise<readonly Expression[]> {
  let compiled: Promise<readonly Expression[]> | undefined
  const compile = async (): Promise<readonly Expression[]> => {
    if (matchConditions.length === 0) return none
    await loadRules()
    return turns.finish(compiledConditions(matchConditions))
  }
  return () => (compiled ??= compile())
}

function* compiledConditions(conditions: readonly MatchCondition[]): Steps<readonly Expression[]> {
  return yield* compileConditions(yield* createCompiler(false), conditions)
}

function callsFor<W extends Webhook>(hooks: ReadonlyArray<Hook<W>>, concern: Concern): Array<Call<W>> {
  const versions = { all: versionsOf(concern.kind) }
  return hooks.flatMap((hook) => {
    const { rules, matchPolicy } = hook.webhook
    const kind = matchedKind({ resourceRules: rules, matchPolicy }, { ...concern, name: '' }, versions)
    return kind ? [{ hook, kind }] : []
  })
}

const exempt = new Set([
  'mutatingwebhookconfigurations', 'validatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings',
])

/** A webhook could otherwise keep everybody from taking it away. */
const isExempt = ({ group, plural }: AnyKind): boolean => group === 'admissionregistration.k8s.io' && exempt.has(plural)
