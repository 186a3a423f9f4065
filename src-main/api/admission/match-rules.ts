import { labelSelector, type LabelSelector, matches } from '../../base/selector.ts'
import { namespace as namespaceKind } from '../../kinds/core/namespace.ts'
import type { NamedRuleWithOperations } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { Kinds } from '../../kinds/kinds.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { keyFor, kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionRequest } from './chain.ts'

/** What rules are compared with: part of an AdmissionRequest. */
export type Asked = Pick<AdmissionRequest, 'kind' | 'namespace' | 'name' | 'subresource'> & { readonly operation: string }

/** Rules of webhooks, and those of policies, which may name objects too. */
export interface Rules {
  readonly resourceRules: readonly NamedRuleWithOperations[] | undefined
  readonly matchPolicy?: string | undefined
}

/**
 * The kind in which a request falls under the rules: its own, or with matchPolicy Equivalent another version of it. Undefined
 * when it does not. Follows rules.Matcher and matching.Matcher of k8s.io/apiserver.
 */
export function matchedKind({ resourceRules = [], matchPolicy }: Rules, asked: Asked, kinds: Pick<Kinds, 'all'>): AnyKind | undefined {
  if (resourceRules.some((rule) => ruleCovers(rule, asked))) return asked.kind
  if (matchPolicy === 'Exact') return undefined
  const prefix = kindPrefix(asked.kind)
  const others = kinds.all.filter((kind) => kind !== asked.kind && kindPrefix(kind) === prefix)
  // the first rule decides, and not the first version
  for (const rule of resourceRules) {
    const found = others.find((kind) => ruleCovers(rule, { ...asked, kind }))
    if (found) return found
  }
  return undefined
}

function ruleCovers(rule: NamedRuleWithOperations, { kind, operation, namespace, name, subresource = '' }: Asked): boolean {
  return includes(rule.operations, operation)
    && includes(rule.apiGroups, kind.group)
    && includes(rule.apiVersions, kind.version)
    && (rule.resources ?? []).some((resource) => resourceCovers(resource, kind.plural, subresource))
    && scopeCovers(rule.scope, namespace)
    && (!rule.resourceNames?.length || rule.resourceNames.includes(name))
}

const includes = (list: readonly string[] | undefined, value: string): boolean => list?.some((each) => each === '*' || each === value) ?? false

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with a slash and more. */
function resourceCovers(pattern: string, plural: string, subresource: string): boolean {
  const [resource, sub = ''] = pattern.split('/')
  return (resource === '*' || resource === plural) && (sub === '*' || sub === subresource)
}

const scopeCovers = (scope: string | undefined, namespace: string | undefined): boolean =>
  scope === 'Namespaced' ? Boolean(namespace) : scope === 'Cluster' ? !namespace : true

/** Two selectors, of which an absent or empty one takes everything. */
export interface Selectors {
  readonly namespaceSelector?: LabelSelector | undefined
  readonly objectSelector?: LabelSelector | undefined
}

const isEmpty = (selector: LabelSelector | undefined): boolean =>
  !selector || Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0

/** Whether both selectors take the request: the namespace it is in (or that it is about), and the object before or after. */
export const selected = ({ namespaceSelector, objectSelector }: Selectors, request: AdmissionRequest): boolean =>
  namespaceSelected(namespaceSelector, request) && objectSelected(objectSelector, request)

function namespaceSelected(selector: LabelSelector | undefined, request: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true
  const { kind, namespace, name, object, operation, subresource, read } = request
  if (isNamespace(kind)) {
    const ownLabels = operation !== 'DELETE' && !subresource
    return matches(labelSelector(selector), (ownLabels ? object : namespaceNamed(read, name))?.metadata.labels)
  }
  // what is in no namespace is never exempt
  return !namespace || matches(labelSelector(selector), namespaceNamed(read, namespace)?.metadata.labels)
}

function objectSelected(selector: LabelSelector | undefined, { object, old, operation }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true
  const parsed = labelSelector(selector)
  const after = operation === 'DELETE' ? undefined : object
  // the options of a connection have no metadata
  return [after, old].some((each) => each?.metadata !== undefined && matches(parsed, each.metadata.labels))
}

export const isNamespace = ({ kind, group }: AnyKind): boolean => kind === 'Namespace' && group === ''

export function namespaceNamed(read: AdmissionRequest['read'], name: string): Readonly<KubeObject> | undefined {
  const stored = read.get(keyFor(namespaceKind, { name }))
  return stored && objectOf(stored)
}

/** An object of one kind as another version of the same shows it. */
export function inKind(object: Readonly<KubeObject>, from: AnyKind, to: AnyKind): Readonly<KubeObject> {
  if (from === to) return object
  const stored = from.stored?.toStored(object) ?? object
  return to.stored?.fromStored(stored) ?? { ...stored, apiVersion: to.apiVersion, kind: to.kind }
}
