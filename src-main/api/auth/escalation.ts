import { equalJson } from '../../base/json.ts'
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { rbacGroup } from '../../kinds/rbac/rules.ts'
import { forbidden, notFound } from '../../kinds/status-error.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.ts'
import type { User } from '../verbs.ts'
import { type Authorizer, isMaster } from './authorizer.ts'
import { aggregate } from './rbac.ts'
import { compact, quoted, ruleText, uncovered } from './rules.ts'

/** Nobody gives away what they do not have, unless they may `escalate` the role or `bind` it. */
export const escalationCheck = (authorizer: Authorizer): AdmissionPlugin => ({
  name: 'RBACEscalation',
  validate(request) {
    const { kind, operation, context } = request
    if (
      kind.group !== rbacGroup ||
      operation === 'DELETE' ||
      isMaster(context.user) ||
      onlyForGarbageCollection(request)
    )
      return
    if (kind.kind === 'Role' || kind.kind === 'ClusterRole') checkRole(authorizer, request)
    else checkBinding(authorizer, request)
  },
})

/** Owners and finalizers may change whatever the role allows. */
function onlyForGarbageCollection({ object, old }: AdmissionRequest): boolean {
  if (!old) return false
  const rest = ({ metadata, ...content }: Readonly<KubeObject>) => {
    const {
      ownerReferences: _owners,
      finalizers: _finalizers,
      managedFields: _fields,
      resourceVersion: _version,
      ...others
    } = metadata
    return { ...content, metadata: others }
  }
  return equalJson(rest(object), rest(old))
}

function checkRole(
  authorizer: Authorizer,
  { kind, name, namespace, object, old, context: { user } }: AdmissionRequest,
): void {
  const attributes = { verb: 'escalate', group: kind.group, version: kind.version, resource: kind.plural }
  // a role that is being created has no name yet for those who may escalate only some
  if (authorizer.authorize(user, { ...attributes, namespace, ...(old ? { name } : {}) }).allowed) return
  const { rules, aggregationRule } = object as Role & ClusterRole
  if (aggregationRule && missing(authorizer, user, namespace, fullAuthority)) {
    throw forbidden(kind, name, 'must have cluster-admin privileges to use the aggregationRule')
  }
  const cause = missing(authorizer, user, namespace, rules ?? [])
  if (cause) throw forbidden(kind, name, cause)
}

const fullAuthority: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

function checkBinding(
  authorizer: Authorizer,
  { kind, name, namespace, object, context: { user } }: AdmissionRequest,
): void {
  const { roleRef } = object as RoleBinding
  const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
  const attributes = { verb: 'bind', group: rbacGroup, version: '*', resource, namespace, name: roleRef.name }
  if (authorizer.authorize(user, attributes).allowed) return
  const rules = authorizer.roleRules(roleRef, namespace)
  if (!rules) throw notFound({ group: rbacGroup, plural: resource }, roleRef.name)
  const cause = missing(authorizer, user, namespace, rules)
  if (cause) throw forbidden(kind, name, cause)
}

/** The refusal that lists what the user lacks of the rules, or undefined. */
function missing(
  authorizer: Authorizer,
  user: User,
  namespace: string | undefined,
  wanted: readonly PolicyRule[],
): string | undefined {
  const held = authorizer.rulesOf(user, namespace)
  const lacking = uncovered(held.rules, wanted)
  if (lacking.length === 0) return undefined
  const listed = compact(lacking).map(ruleText).sort().join('\n')
  const errors = held.errors.length > 0 ? `; resolution errors: ${aggregate(held.errors)}` : ''
  return `user ${JSON.stringify(user.name)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${listed}${errors}`
}
