import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../kinds/generated/types.ts'
import { keyOf } from '../../kinds/meta.ts'
import { clusterRoleBinding } from '../../kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../kinds/rbac/role-binding.ts'
import { role } from '../../kinds/rbac/role.ts'
import type { Store } from '../../store/store.ts'
import type { Attributes, Decision } from '../authz.ts'
import type { User } from '../verbs.ts'
import { follow } from './follow.ts'
import { ruleAllows } from './rules.ts'

/** What a user holds; `errors` tells bindings whose role is not there. */
export interface HeldRules {
  readonly rules: readonly PolicyRule[]
  readonly errors: readonly string[]
}

export interface Rbac {
  authorize(user: User, attributes: Attributes): Decision
  /** Everywhere, and in the namespace if one is named. */
  rulesOf(user: User, namespace?: string): HeldRules
  /** Undefined when there is no such role. */
  roleRules(ref: RoleRef, namespace?: string): readonly PolicyRule[] | undefined
  close(): void
}

type AnyBinding = Readonly<RoleBinding | ClusterRoleBinding>
interface Grant {
  readonly binding: AnyBinding
  readonly subject: Subject
}

/** The rules of all roles and who is bound to them, kept up to date: a decision is a few look-ups in maps. */
export async function createRbac(store: Store): Promise<Rbac> {
  const roles = new Map<string, readonly PolicyRule[]>()
  const grants = new Grants()
  const keepRole = (
    object: Readonly<Role | ClusterRole> | undefined,
    old: Readonly<Role | ClusterRole> | undefined,
  ) => {
    if (object) roles.set(keyOf(object), object.rules ?? [])
    else if (old) roles.delete(keyOf(old))
  }
  const keepBinding = (object: AnyBinding | undefined, old: AnyBinding | undefined) => {
    if (old) grants.remove(old)
    if (object) grants.add(object)
  }
  const subscriptions = await Promise.all([
    follow<Role>(store, role, keepRole),
    follow<ClusterRole>(store, clusterRole, keepRole),
    follow<RoleBinding>(store, roleBinding, keepBinding),
    follow<ClusterRoleBinding>(store, clusterRoleBinding, keepBinding),
  ])
  const roleRules: Rbac['roleRules'] = ({ kind, name }, namespace) =>
    roles.get(kind === 'Role' ? `${namespace}/${name}` : name)

  return {
    roleRules,
    authorize(user, attributes) {
      const missing: string[] = []
      for (const grant of grants.of(user, 'path' in attributes ? undefined : attributes.namespace)) {
        const { roleRef, metadata } = grant.binding
        const rules = roleRules(roleRef, metadata.namespace)
        if (!rules) missing.push(roleMissing(roleRef))
        else if (rules.some((rule) => ruleAllows(rule, attributes))) {
          return { allowed: true, reason: `RBAC: allowed by ${describe(grant)}` }
        }
      }
      return { allowed: false, reason: missing.length > 0 ? `RBAC: ${aggregate(missing)}` : '' }
    },
    rulesOf(user, namespace) {
      const rules: PolicyRule[] = []
      const errors: string[] = []
      for (const { binding } of grants.of(user, namespace)) {
        const found = roleRules(binding.roleRef, binding.metadata.namespace)
        if (found) rules.push(...found)
        else errors.push(roleMissing(binding.roleRef))
      }
      return { rules, errors }
    },
    close() {
      for (const subscription of subscriptions) subscription.close()
    },
  }
}

/** Grants by where they hold (everywhere is the empty text), whom they are given to, and the binding that gives them. */
class Grants {
  readonly #byScope = new Map<string, Map<string, Map<string, Grant>>>()

  add(binding: AnyBinding): void {
    const scope = binding.metadata.namespace ?? ''
    for (const subject of binding.subjects ?? []) {
      const bySubject = setDefault(this.#byScope, scope, () => new Map<string, Map<string, Grant>>())
      const key = subjectKey(subject, scope)
      setDefault(bySubject, key, () => new Map<string, Grant>()).set(binding.metadata.name ?? '', { binding, subject })
    }
  }

  remove(binding: AnyBinding): void {
    const scope = binding.metadata.namespace ?? ''
    const bySubject = this.#byScope.get(scope)
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, scope)
      const byName = bySubject?.get(key)
      byName?.delete(binding.metadata.name ?? '')
      if (byName?.size === 0) bySubject?.delete(key)
    }
    if (bySubject?.size === 0) this.#byScope.delete(scope)
  }

  *of({ name, groups }: User, namespace: string | undefined): Generator<Grant> {
    const keys = [`User ${name}`, ...groups.map((group) => `Group ${group}`)]
    for (const scope of namespace ? ['', namespace] : ['']) {
      const bySubject = this.#byScope.get(scope)
      if (!bySubject) continue
      for (const key of keys) yield* bySubject.get(key)?.values() ?? []
    }
  }
}

/** A service account is the user that its tokens make of it. */
const subjectKey = ({ kind, name, namespace }: Subject, scope: string): string =>
  kind === 'ServiceAccount' ? `User system:serviceaccount:${namespace || scope}:${name}` : `${kind} ${name}`

function setDefault<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key)
  if (known) return known
  const made = make()
  map.set(key, made)
  return made
}

const roleMissing = ({ kind, name }: RoleRef): string =>
  `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`

/** As Kubernetes joins errors: each once, in brackets when there are several. */
export function aggregate(sentences: readonly string[]): string {
  const once = [...new Set(sentences)]
  return once.length === 1 ? once[0]! : `[${once.join(', ')}]`
}

/** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`; what has a namespace is written `name/namespace`. */
function describe({ binding: { metadata, roleRef }, subject }: Grant): string {
  const named = metadata.namespace ? `${metadata.name}/${metadata.namespace}` : metadata.name
  const account = `${subject.name}/${subject.namespace || metadata.namespace || ''}`
  const who = subject.kind === 'ServiceAccount' ? account : subject.name
  const kind = metadata.namespace ? 'RoleBinding' : 'ClusterRoleBinding'
  return `${kind} ${JSON.stringify(named)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(who)}`
}
