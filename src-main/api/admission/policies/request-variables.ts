import { Authorizer, type Question } from '../../../base/cel/authorizer.ts'
import { fromJson, fromJsonInSteps } from '../../../base/cel/from-json.ts'
import { parseFieldSelector, type Selector } from '../../../base/selector.ts'
import type { Steps } from '../../../base/turns.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { parseSelector } from '../../../kinds/selector-text.ts'
import type { Authorize } from '../../authz.ts'
import { scaleOf, scaleType } from '../../subresources/scale.ts'
import type { User } from '../../verbs.ts'
import type { AdmissionRequest } from '../chain.ts'
import { inKind, isNamespace, namespaceNamed } from '../match-rules.ts'

/** Of a Scale policies are shown that, and not what it scales. */
export function asShown(request: AdmissionRequest): AdmissionRequest {
  const { kind, subresource, type, object, old } = request
  if (subresource !== 'scale' || type || !kind.scale) return request
  return { ...request, type: scaleType, object: scaleOf(kind, object), ...(old ? { old: scaleOf(kind, old) } : {}) }
}

/** A request in the variables of expressions; `matched` is the kind whose rules it fell under. */
export function* variablesOf(request: AdmissionRequest, matched: AnyKind, authorize: Authorize | undefined): Steps<Record<string, unknown>> {
  const { kind, namespace, operation, object, old, type, read } = request
  function* shown(each: Readonly<KubeObject> | undefined): Steps<unknown> {
    return each ? yield* fromJsonInSteps(type ? each : inKind(each, kind, matched)) : null
  }
  const inNamespace = namespace && !isNamespace(kind) ? namespaceNamed(read, namespace) : undefined
  // before the first rest, while the state is the one that the request has met
  const others = {
    request: requestOf(request, matched),
    namespaceObject: inNamespace ? namespaceValue(inNamespace) : null,
    ...(authorize ? authorizerVariables(authorizerFor(request, authorize)) : {}),
  }
  return { object: operation === 'DELETE' ? null : yield* shown(object), oldObject: yield* shown(old), ...others }
}

const authorizerVariables = (authorizer: Authorizer): Record<string, unknown> => ({ authorizer, 'authorizer.requestResource': authorizer.requestResource })

const filled = (fields: Readonly<Record<string, unknown>>): Map<string, unknown> =>
  new Map(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined))

function requestOf({ kind, namespace, name, operation, subresource, type, context }: AdmissionRequest, matched: AnyKind): Map<string, unknown> {
  const { user, dryRun = false, fieldManager } = context
  const gvk = ({ apiVersion, version, kind: word }: Pick<AnyKind, 'apiVersion' | 'version' | 'kind'>) =>
    new Map([['group', apiVersion.includes('/') ? apiVersion.split('/')[0] : ''], ['version', version], ['kind', word]])
  const gvr = ({ group, version, plural }: AnyKind) => new Map([['group', group], ['version', version], ['resource', plural]])
  const optionsKind = `${operation.charAt(0)}${operation.slice(1).toLowerCase()}Options`
  return filled({
    kind: gvk(type ?? matched), resource: gvr(matched), subResource: subresource,
    requestKind: gvk(type ?? kind), requestResource: gvr(kind), requestSubResource: subresource,
    name, namespace: isNamespace(kind) ? name : namespace, operation, dryRun,
    userInfo: filled({
      username: user.name, uid: user.uid, groups: [...user.groups],
      extra: user.extra && new Map(Object.entries(user.extra).map(([key, values]) => [key, [...values]])),
    }),
    options: filled({ apiVersion: 'meta.k8s.io/v1', kind: optionsKind, fieldManager, dryRun: dryRun ? ['All'] : undefined }),
  })
}

const namespaceFields = [
  'name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels',
  'annotations', 'finalizers',
] as const

function namespaceValue({ metadata, spec, status }: Readonly<KubeObject> & { spec?: unknown; status?: unknown }): unknown {
  const shown = Object.fromEntries(namespaceFields.filter((name) => metadata[name] !== undefined).map((name) => [name, metadata[name]]))
  return fromJson({ metadata: shown, spec: spec ?? {}, status: status ?? {} })
}

const accountOf = ({ namespace, name }: { namespace: string; name: string }): User => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})

function authorizerFor({ kind, namespace, name, subresource = '', context }: AdmissionRequest, authorize: Authorize): Authorizer {
  const about = { group: kind.group, resource: kind.plural, subresource, namespace: namespace ?? '', name }
  return new Authorizer((question, account) => authorize(account ? accountOf(account) : context.user, attributesOf(question)), about)
}

function attributesOf(question: Question): Parameters<Authorize>[1] {
  if ('path' in question) return question
  const { fieldSelector, labelSelector, ...rest } = question
  const fields = selectorOr(fieldSelector, parseFieldSelector)
  const labels = selectorOr(labelSelector, parseSelector)
  return { ...rest, version: '*', ...(fields ? { fieldSelector: fields } : {}), ...(labels ? { labelSelector: labels } : {}) }
}

function selectorOr(text: string, parse: (text: string) => Selector): Selector | undefined {
  if (text === '') return undefined
  try {
    return parse(text)
  } catch {
    // as Kubernetes: a selector that is none narrows nothing
    return undefined
  }
}

/** Policies that are about a request in one kind, with their parameters. */
interface About {
  readonly policy: { readonly spec?: { readonly paramKind?: unknown } }
  readonly matched: AnyKind
  readonly param: Readonly<KubeObject> | undefined
}

/** The variables of each policy that a request has to do with; made at once for all of them. */
export function* variablesFor(found: ReadonlyArray<About | { readonly message: string }>, request: AdmissionRequest, authorize: Authorize | undefined): Steps<(of: About) => Record<string, unknown>> {
  const made = new Map<AnyKind, Record<string, unknown>>()
  for (const each of found) if ('matched' in each && !made.has(each.matched)) made.set(each.matched, yield* variablesOf(request, each.matched, authorize))
  return ({ policy, matched, param }) => ({ ...made.get(matched), ...(policy.spec?.paramKind ? { params: param ? fromJson(param) : null } : {}) })
}

/** All of a request that expressions see; what the server notes anew whenever a write is tried again is left out. */
export function requestIdentity({ kind, type, operation, namespace, name, subresource, object, old, options, context: { user, dryRun, fieldManager } }: AdmissionRequest): readonly unknown[] {
  const { managedFields: _noted, ...metadata } = object.metadata
  return [kind.apiVersion, kind.kind, type?.kind, operation, namespace, name, subresource, { ...object, metadata }, old, options, user, dryRun, fieldManager]
}
