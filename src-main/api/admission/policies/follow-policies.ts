import { MadeOnce } from '../../../base/long-work.ts'
import type { Steps } from '../../../base/turns.ts'
import { loadRules } from '../../../kinds/custom/cel-rules.ts'
import type { MatchResources, ParamKind, ParamRef } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { Kinds } from '../../../kinds/kinds.ts'
import { lookup } from '../../../kinds/lookup.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import type { Store } from '../../../store/store.ts'
import { follow } from '../../auth/follow.ts'
import { server } from '../../server-user.ts'
import { kindPrefix } from '../../keys.ts'
import type { AdmissionRequest } from '../chain.ts'
import { matchedKind, selected } from '../match-rules.ts'
import { Misconfigured, paramKindOf, paramsFor } from './params.ts'

/** What both sorts of policies have. */
export interface Policy extends KubeObject {
  spec?: { matchConstraints?: MatchResources; paramKind?: ParamKind; failurePolicy?: string }
}

export interface PolicyBinding extends KubeObject {
  spec?: { policyName?: string; matchResources?: MatchResources; paramRef?: ParamRef }
}

/** A policy is to be evaluated: bound by a binding, with one of its parameters. */
export interface Invocation<P, B, C> {
  readonly policy: Readonly<P>
  readonly binding: Readonly<B>
  readonly compiled: C
  /** The version of the kind whose rules the request fell under. */
  readonly matched: AnyKind
  readonly param: Readonly<KubeObject> | undefined
}

/** A policy that cannot be evaluated; without a binding when it is the policy's own fault. */
export interface Misfit<P, B> {
  readonly policy: Readonly<P>
  readonly binding?: Readonly<B>
  readonly message: string
}

export interface Policies<P, B, C> {
  /** What a request has to do with the policies, in their names' order. @throws Later */
  about(request: AdmissionRequest): ReadonlyArray<Invocation<P, B, C> | Misfit<P, B>>
  close(): void
}

/**
 * A policy could otherwise keep everybody from taking it away, and the server from telling who asks and what they may. The
 * lists are those of k8s.io/apiserver's policy plugins and of kube-apiserver's admission/exclusion.
 */
const exempt: Readonly<Record<string, ReadonlySet<string>>> = {
  'admissionregistration.k8s.io': new Set(['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings']),
  'authentication.k8s.io': new Set(['selfsubjectreviews', 'tokenreviews']),
  'authorization.k8s.io': new Set(['localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews']),
}

const isExempt = ({ group, plural }: AnyKind): boolean => lookup(exempt, group)?.has(plural) === true

const none: readonly never[] = []
const byName = (a: KubeObject, b: KubeObject): number => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)

export interface Followed<P, C> {
  readonly store: Store
  readonly kinds: Pick<Kinds, 'all'>
  readonly policyKind: AnyKind
  readonly bindingKind: AnyKind
  /** Done once for each version of a policy, when it is first needed. */
  compile(policy: Readonly<P>): Steps<C>
}

/** Keeps the policies of one sort and their bindings as they are stored: a new one holds before its creation is acknowledged. */
export async function followPolicies<P extends Policy, B extends PolicyBinding, C>({ store, kinds, policyKind, bindingKind, compile }: Followed<P, C>): Promise<Policies<P, B, C>> {
  // what is written from now on has been validated, which needs CEL too
  if (store.list(kindPrefix(policyKind)).items.length > 0) await loadRules()
  const policies = new Map<string, Readonly<P>>()
  const bindings = new Map<string, Readonly<B>>()
  const compiled = new MadeOnce<Readonly<P>, C>(compile)
  let order: Array<{ policy: Readonly<P>; bindings: Array<Readonly<B>> }> = []
  const keep = <T extends KubeObject>(map: Map<string, Readonly<T>>) => (object: Readonly<T> | undefined, old: Readonly<T> | undefined): void => {
    if (object) map.set(object.metadata.name ?? '', object)
    else if (old) map.delete(old.metadata.name ?? '')
    order = [...policies.values()].sort(byName).map((policy) => ({
      policy, bindings: [...bindings.values()].filter(({ spec }) => spec?.policyName === policy.metadata.name).sort(byName),
    })).filter((each) => each.bindings.length > 0)
  }
  const subscriptions = [await follow<P>(store, policyKind, keep(policies)), await follow<B>(store, bindingKind, keep(bindings))]

  return {
    about(request) {
      // what the server itself needs in order to start must not depend on anybody's policy
      if (order.length === 0 || isExempt(request.kind) || request.context.user === server) return none
      return order.flatMap((each) => [...invocations(each.policy, each.bindings, request, kinds, (policy) => compiled.get(policy))])
    },
    close() {
      for (const subscription of subscriptions) subscription.close()
    },
  }
}

function* invocations<P extends Policy, B extends PolicyBinding, C>(
  policy: Readonly<P>, bindings: ReadonlyArray<Readonly<B>>, request: AdmissionRequest, kinds: Pick<Kinds, 'all'>, ready: (policy: Readonly<P>) => C,
): Generator<Invocation<P, B, C> | Misfit<P, B>> {
  const { spec = {} } = policy
  const matched = matchedResources(spec.matchConstraints, request, kinds)
  if (!matched) return
  let paramKind: AnyKind | undefined
  try {
    paramKind = spec.paramKind && paramKindOf(spec.paramKind, kinds)
  } catch (error) {
    yield { policy, message: `failed to configure policy: ${messageOf(error)}` }
    return
  }
  for (const binding of bindings) {
    if (binding.spec?.matchResources && !matchedResources(binding.spec.matchResources, request, kinds)) continue
    try {
      for (const param of paramsFor(paramKind, binding.spec?.paramRef, request)) yield { policy, binding, compiled: ready(policy), matched, param }
    } catch (error) {
      yield { policy, binding, message: `failed to configure binding: ${messageOf(error)}` }
    }
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Misconfigured) return error.message
  throw error
}

/** The kind in which a request is one of those that are meant. A binding without rules means all of its policy's. */
function matchedResources(resources: MatchResources | undefined, request: AdmissionRequest, kinds: Pick<Kinds, 'all'>): AnyKind | undefined {
  if (!resources) return request.kind
  const { matchPolicy, resourceRules, excludeResourceRules } = resources
  if (excludeResourceRules?.length && matchedKind({ resourceRules: excludeResourceRules, matchPolicy }, request, kinds)) return undefined
  const kind = resourceRules?.length ? matchedKind({ resourceRules, matchPolicy }, request, kinds) : request.kind
  return kind && selected(resources, request) ? kind : undefined
}
