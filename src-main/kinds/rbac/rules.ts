import { checkSelector, each, present, say } from '../checks.ts'
import { age, createdAt } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { AggregationRule, PolicyRule, RoleRef, Subject } from '../generated/types.ts'
import type { Column } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain, isPathSegmentName } from '../validation.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

export const roleColumns: ReadonlyArray<Column<KubeObject>> = [
  { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
  createdAt,
]

/** `anywhere`: only ClusterRoles may speak of URLs that are no resources. */
export function checkRules(rules: readonly PolicyRule[] | undefined, at: FieldPath, anywhere: boolean): FieldError[] {
  return each(rules, at, ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }, here) => {
    const errors = verbs?.length ? [] : [here.child('verbs').required('verbs must contain at least one value')]
    if (nonResourceURLs?.length) {
      if (!anywhere) errors.push(here.child('nonResourceURLs').invalid(nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
      if (apiGroups?.length || resources?.length || resourceNames?.length) {
        errors.push(here.child('nonResourceURLs').invalid(nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
      }
      return errors
    }
    if (!apiGroups?.length) errors.push(here.child('apiGroups').required('resource rules must supply at least one api group'))
    if (!resources?.length) errors.push(here.child('resources').required('resource rules must supply at least one resource'))
    return errors
  })
}

/** A ClusterRole that is made of others says which. */
export function checkAggregation(rule: AggregationRule | undefined, root: FieldPath): FieldError[] {
  if (!rule) return []
  const at = root.child('aggregationRule', 'clusterRoleSelectors')
  if (!rule.clusterRoleSelectors?.length) return [at.required('at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return each(rule.clusterRoleSelectors, at, (selector, here) => {
    const errors = checkSelector(selector, here)
    return errors.length > 0 ? [...errors, here.invalid(null, 'invalid label selector.')] : []
  })
}

export interface RoleBindingLike extends KubeObject {
  roleRef: RoleRef
  subjects?: Subject[]
}

export function defaultBinding({ roleRef, subjects }: RoleBindingLike): void {
  if (roleRef) roleRef.apiGroup ||= rbacGroup
  for (const subject of subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
}

export function checkBinding({ roleRef, subjects }: RoleBindingLike, at: FieldPath, roles: readonly string[]): FieldError[] {
  const ref = at.child('roleRef')
  const { apiGroup = rbacGroup, kind = '', name = '' } = (roleRef as Partial<RoleRef> | undefined) ?? {}
  const errors: FieldError[] = []
  if (apiGroup !== rbacGroup) errors.push(ref.child('apiGroup').notSupported(apiGroup, [rbacGroup]))
  if (!roles.includes(kind)) errors.push(ref.child('kind').notSupported(kind, roles))
  errors.push(...present(name, ref.child('name')), ...say(ref.child('name'), name, isPathSegmentName(name)))
  return [...errors, ...each(subjects, at.child('subjects'), (subject, here) => checkSubject(subject, here, roles.includes('Role')))]
}

/** `namespaced`: a service account without a namespace is one of the binding's own. */
function checkSubject({ kind = '', name, namespace, apiGroup = '' }: Subject, at: FieldPath, namespaced: boolean): FieldError[] {
  const errors = present(name, at.child('name'))
  const group = kind === 'ServiceAccount' ? '' : rbacGroup
  if (!['ServiceAccount', 'User', 'Group'].includes(kind)) return [...errors, at.child('kind').notSupported(kind, ['ServiceAccount', 'User', 'Group'])]
  if (kind === 'ServiceAccount' && name) errors.push(...say(at.child('name'), name, isDNS1123Subdomain(name)))
  if (apiGroup !== group) errors.push(at.child('apiGroup').notSupported(apiGroup, [group]))
  return kind !== 'ServiceAccount' || namespace || namespaced ? errors : [...errors, at.child('namespace').required()]
}

export function checkRoleRef({ roleRef }: RoleBindingLike, old: RoleBindingLike, at: FieldPath): FieldError[] {
  if (sameValue(roleRef, old.roleRef)) return []
  const { apiGroup = rbacGroup, kind = '', name = '' } = (roleRef as Partial<RoleRef> | undefined) ?? {}
  return [at.child('roleRef').invalid({ APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}

const named = ({ subjects }: RoleBindingLike, kind: string): string =>
  (subjects ?? []).filter((subject) => subject.kind === kind).map((s) => (kind === 'ServiceAccount' ? `${s.namespace}/${s.name}` : s.name)).join(', ')

/** `binding`: how Kubernetes calls it in its descriptions. */
export const bindingColumns = (binding: string): ReadonlyArray<Column<RoleBindingLike>> => [
  { name: 'Role', type: 'string', of: 'roleRef', cell: ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}` },
  age,
  { name: 'Users', type: 'string', priority: 1, description: `Users in the ${binding}`, cell: (object) => named(object, 'User') },
  { name: 'Groups', type: 'string', priority: 1, description: `Groups in the ${binding}`, cell: (object) => named(object, 'Group') },
  { name: 'ServiceAccounts', type: 'string', priority: 1, description: `ServiceAccounts in the ${binding}`, cell: (object) => named(object, 'ServiceAccount') },
]
