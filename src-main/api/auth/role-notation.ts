import type { PolicyRule, Subject } from '../../kinds/generated/types.ts'
import { rbacGroup } from '../../kinds/rbac/rules.ts'

/** A role, and who gets it: the default ones are written down this way. */
export interface DefaultRole {
  readonly name: string
  readonly rules: readonly PolicyRule[]
  /** Of a Role; a ClusterRole has none. */
  readonly namespace?: string
  /** Collects the rules of the ClusterRoles with this label. */
  readonly aggregates?: string
  /** Collected by this label. */
  readonly aggregatedTo?: string
  /** None: the role is there for others to bind. Empty: bound to nobody. */
  readonly to?: readonly Subject[]
  /** Of the binding, when it is not the role's. */
  readonly bindingName?: string
}

export const read = 'get list watch'
export const write = 'create update patch delete deletecollection'
export const readWrite = `${read} ${write}`

const words = (text: string): string[] => text.split(' ')

/** Verbs, resources, groups and names are separated by spaces; the group `core` is the one without a name. */
export const on = (verbs: string, resources: string, groups = 'core', names = ''): PolicyRule => ({
  apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
  resources: words(resources),
  ...(names ? { resourceNames: words(names) } : {}),
  verbs: words(verbs),
})

export const urls = (verbs: string, paths: string): PolicyRule => ({
  nonResourceURLs: words(paths),
  verbs: words(verbs),
})

export const events = on('create patch update', 'events', 'core events.k8s.io')

export const group = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'Group', name })
export const user = (name: string): Subject => ({ apiGroup: rbacGroup, kind: 'User', name })
export const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })
