import { equalJson } from '../../base/json.ts'
import { errorMessage, type Logger } from '../../base/log.ts'
import { labelSelector, matches } from '../../base/selector.ts'
import type { ClusterRole, PolicyRule } from '../../kinds/generated/types.ts'
import { clusterRole } from '../../kinds/rbac/cluster-role.ts'
import type { Store, Subscription } from '../../store/store.ts'
import type { Verbs } from '../verbs.ts'
import { follow } from './follow.ts'
import { asServer } from '../server-user.ts'

/** The rules an aggregated role collects from the roles its selectors choose, by their names; each rule once. */
export function collectedRules(role: Readonly<ClusterRole>, roles: Iterable<Readonly<ClusterRole>>): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelector)
  const chosen = [...roles]
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .filter(({ metadata }) => selectors.some((selector) => matches(selector, metadata.labels ?? {})))
    .sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const rules = new Map<string, PolicyRule>()
  for (const { rules: own } of chosen) for (const rule of own ?? []) rules.set(JSON.stringify(rule), rule)
  return [...rules.values()]
}

/**
 * Keeps the rules of aggregated ClusterRoles what their selectors choose: Kubernetes' clusterrole-aggregation-controller.
 * Resolves once they are. It stands here because the default roles `admin`, `edit` and `view` are aggregated, and nobody
 * can be let in before they are complete.
 */
export async function startAggregation(store: Store, verbs: Verbs, log: Logger): Promise<Subscription> {
  const roles = new Map<string, Readonly<ClusterRole>>()
  let closed = false
  let changed = false
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    while (changed && !closed) {
      changed = false
      for (const role of roles.values()) await collect(role).catch(report)
    }
    running = undefined
  }
  async function collect(role: Readonly<ClusterRole>): Promise<void> {
    if (!role.aggregationRule) return
    const rules = collectedRules(role, roles.values())
    if (equalJson(rules, role.rules ?? [])) return
    await verbs.update(clusterRole, { name: role.metadata.name ?? '' }, structuredClone({ ...role, rules }), asServer())
  }
  const report = (error: unknown): void => {
    // whoever changed the role meanwhile has also set off the next round
    if (!closed) log.debug('cluster role not aggregated', { error: errorMessage(error) })
  }
  const subscription = await follow<ClusterRole>(store, clusterRole, (role, old) => {
    if (role) roles.set(role.metadata.name ?? '', role)
    else roles.delete(old?.metadata.name ?? '')
    changed = true
    running ??= Promise.resolve().then(run)
  })
  await running
  return {
    close() {
      closed = true
      subscription.close()
    },
  }
}
