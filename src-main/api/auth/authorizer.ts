import type { Family } from '../../base/metric-families.ts'
import type { PolicyRule } from '../../kinds/generated/types.ts'
import type { Store } from '../../store/store.ts'
import type { Authorize } from '../authz.ts'
import type { User } from '../verbs.ts'
import { createNodeAuthorizer } from './node-authorizer.ts'
import { nodeNameOf } from './node-rules.ts'
import { createRbac, type Rbac } from './rbac.ts'

export interface UserRules {
  readonly rules: readonly PolicyRule[]
  /** There may be more than can be told. */
  readonly incomplete: boolean
  readonly errors: readonly string[]
}

export interface Authorizer {
  readonly authorize: Authorize
  rulesOf(user: User, namespace?: string): UserRules
  roleRules: Rbac['roleRules']
  families(): Family[]
  close(): void
}

export const isMaster = ({ groups }: User): boolean => groups.includes('system:masters')

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
]

/** As kube-apiserver with `--authorization-mode=Node,RBAC`: who is in system:masters may do everything; else one yes is enough. */
export async function createAuthorizer(store: Store): Promise<Authorizer> {
  const [rbac, node] = await Promise.all([createRbac(store), createNodeAuthorizer(store)])
  // nobody forbids: who says nothing leaves it to the next
  const allowed = { Node: 0, RBAC: 0 }
  return {
    roleRules: rbac.roleRules,
    authorize(user, attributes) {
      if (isMaster(user)) return { allowed: true, reason: '' }
      const byNode = node.authorize(user, attributes)
      if (byNode.allowed) {
        allowed.Node++
        return byNode
      }
      const byRole = rbac.authorize(user, attributes)
      if (byRole.allowed) {
        allowed.RBAC++
        return byRole
      }
      return { allowed: false, reason: [byNode.reason, byRole.reason].filter(Boolean).join('\n') }
    },
    rulesOf(user, namespace) {
      const { rules, errors } = rbac.rulesOf(user, namespace)
      if (isMaster(user)) return { rules: [...everything, ...rules], incomplete: false, errors }
      const incomplete = nodeNameOf(user) !== undefined
      const told = incomplete ? ['node authorizer does not support user rule resolution', ...errors] : errors
      return { rules, incomplete, errors: told }
    },
    families: () => [{
      name: 'apiserver_authorization_decisions_total', type: 'counter',
      help: 'Total number of terminal decisions made by an authorizer split by authorizer type, name, and decision.',
      samples: Object.entries(allowed).flatMap(([type, value]) => (value > 0 ? [{ labels: { type, name: type.toLowerCase(), decision: 'allowed' }, value }] : [])),
    }],
    close() {
      rbac.close()
      node.close()
    },
  }
}
