import { copyJson } from '../../base/json.ts'
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { clusterRoleBinding } from '../../kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../kinds/rbac/role-binding.ts'
import { role as roleKind } from '../../kinds/rbac/role.ts'
import { rbacGroup } from '../../kinds/rbac/rules.ts'
import { isNotFound } from '../../kinds/status-error.ts'
import { asServer } from '../server-user.ts'
import type { Verbs } from '../verbs.ts'
import { controllerRoles } from './controller-roles.ts'
import { defaultRoles } from './default-roles.ts'
import type { DefaultRole } from './role-notation.ts'
import { compact, uncovered } from './rules.ts'

const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate'

type AnyRole = Role & Pick<ClusterRole, 'aggregationRule'>
type AnyBinding = RoleBinding | ClusterRoleBinding

/**
 * Writes the default roles and bindings that are missing, and gives back to those that are there the rules and subjects
 * they have lost. Whatever was added stays; whatever says `autoupdate: "false"` is left alone.
 */
export async function reconcileDefaultRoles(verbs: Verbs): Promise<void> {
  const all = [...defaultRoles, ...controllerRoles]
  await Promise.all(
    all.map((wish) => reconcile(verbs, wish.namespace ? roleKind : clusterRole, roleOf(wish), planRole)),
  )
  await inheritBinding(verbs, 'system:discovery', 'system:public-info-viewer')
  await Promise.all(
    all
      .filter(({ to }) => to !== undefined)
      .map((wish) => reconcile(verbs, wish.namespace ? roleBinding : clusterRoleBinding, bindingOf(wish), planBinding)),
  )
}

/** A missing binding whose role was once part of another's begins with what that one has: who restricted the one restricted both. */
async function inheritBinding(verbs: Verbs, from: string, name: string): Promise<void> {
  const wish = defaultRoles.find((role) => role.name === name)
  const source = await found<ClusterRoleBinding>(verbs, clusterRoleBinding, { name: from })
  if (!wish || !source || (await found(verbs, clusterRoleBinding, { name }))) return
  const { subjects, metadata: { labels, annotations } } = source
  await verbs.create(clusterRoleBinding, undefined, copyJson({ ...bindingOf(wish), metadata: { name, labels, annotations }, subjects }), asServer())
}

const metadataOf = (name: string, { namespace, aggregatedTo }: DefaultRole): KubeObject['metadata'] => ({
  name,
  ...(namespace ? { namespace } : {}),
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...(aggregatedTo ? { [aggregatedTo]: 'true' } : {}) },
  annotations: { [autoupdate]: 'true' },
})

function roleOf(wish: DefaultRole): AnyRole {
  const { namespace, name, aggregates, rules } = wish
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: namespace ? 'Role' : 'ClusterRole',
    metadata: metadataOf(name, wish),
    ...(aggregates ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [aggregates]: 'true' } }] } } : {}),
    rules: copyJson([...rules]),
  }
}

function bindingOf(wish: DefaultRole): AnyBinding {
  const { namespace, name, to = [], bindingName = name } = wish
  const roleRef: RoleRef = { apiGroup: rbacGroup, kind: namespace ? 'Role' : 'ClusterRole', name }
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: metadataOf(bindingName, { ...wish, aggregatedTo: undefined }),
    roleRef,
    ...(to.length > 0 ? { subjects: copyJson([...to]) } : {}),
  }
}

/** The role with what it misses, or undefined when it misses nothing. Its own labels and annotations win. */
export function planRole(wish: AnyRole, existing: Readonly<AnyRole>): AnyRole | undefined {
  const aggregationRule = existing.aggregationRule ?? wish.aggregationRule
  // an aggregated role's rules are what it collects
  const missing = aggregationRule ? [] : uncovered(existing.rules ?? [], wish.rules ?? [])
  const metadata = withLost(wish, existing)
  if (missing.length === 0 && !metadata && aggregationRule === existing.aggregationRule) return undefined
  return {
    ...existing,
    metadata: metadata ?? existing.metadata,
    ...(aggregationRule ? { aggregationRule } : {}),
    rules: [...(existing.rules ?? []), ...compact(missing)],
  }
}

/** The binding with the subjects it misses, or undefined when it misses none. */
export function planBinding(wish: AnyBinding, existing: Readonly<AnyBinding>): AnyBinding | undefined {
  const same = (a: Subject, b: Subject) =>
    a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
  const missing = (wish.subjects ?? []).filter((subject) => !existing.subjects?.some((known) => same(known, subject)))
  const metadata = withLost(wish, existing)
  if (missing.length === 0 && !metadata) return undefined
  return { ...existing, metadata: metadata ?? existing.metadata, subjects: [...(existing.subjects ?? []), ...missing] }
}

function withLost(
  { metadata: wish }: KubeObject,
  { metadata }: Readonly<KubeObject>,
): KubeObject['metadata'] | undefined {
  const lost = (part: 'labels' | 'annotations') =>
    Object.keys(wish[part] ?? {}).some((key) => metadata[part]?.[key] === undefined)
  if (!lost('labels') && !lost('annotations')) return undefined
  return {
    ...metadata,
    labels: { ...wish.labels, ...metadata.labels },
    annotations: { ...wish.annotations, ...metadata.annotations },
  }
}

async function reconcile<T extends KubeObject>(
  verbs: Verbs,
  kind: AnyKind,
  wish: T,
  plan: (wish: T, existing: Readonly<T>) => T | undefined,
): Promise<void> {
  const { name = '', namespace } = wish.metadata
  const ref = { name, ...(namespace ? { namespace } : {}) }
  const existing = await found<T>(verbs, kind, ref)
  if (existing && differentRole(wish, existing)) {
    if (existing.metadata.annotations?.[autoupdate] === 'false') return
    await verbs.delete(kind, ref, {}, asServer())
  } else if (existing) {
    const next = existing.metadata.annotations?.[autoupdate] === 'false' ? undefined : plan(wish, existing)
    if (next) await verbs.update(kind, ref, copyJson(next), asServer())
    return
  }
  await verbs.create(kind, namespace, wish, asServer())
}

/** A binding cannot change its role: it is made anew. */
const differentRole = (
  wish: KubeObject & { roleRef?: RoleRef },
  existing: KubeObject & { roleRef?: RoleRef },
): boolean => wish.roleRef?.kind !== existing.roleRef?.kind || wish.roleRef?.name !== existing.roleRef?.name

async function found<T extends KubeObject>(verbs: Verbs, kind: AnyKind, ref: { name: string }): Promise<T | undefined> {
  try {
    return (await verbs.get(kind, ref)).object as T
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
