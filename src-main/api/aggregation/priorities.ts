import { compareVersions } from '../../kinds/custom/version-order.ts'
import type { APIService } from '../../kinds/generated/types.ts'

/** Where a group and a version of it stand in discovery: higher is first. */
export interface Priority {
  readonly group: number
  readonly version: number
}

/** Of the groups that Kubernetes brings along; aggregator.go of kube-apiserver. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18_000, apps: 17_800, 'events.k8s.io': 17_750, 'authentication.k8s.io': 17_700, 'authorization.k8s.io': 17_600,
  autoscaling: 17_500, batch: 17_400, 'certificates.k8s.io': 17_300, 'networking.k8s.io': 17_200, policy: 17_100,
  'rbac.authorization.k8s.io': 17_000, 'storage.k8s.io': 16_800, 'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700, 'scheduling.k8s.io': 16_600, 'coordination.k8s.io': 16_500, 'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200, 'flowcontrol.apiserver.k8s.io': 16_100, 'internal.apiserver.k8s.io': 16_000,
  // as the install of metrics-server says
  'metrics.k8s.io': 100,
}

const versionPriorities: Readonly<Record<string, number>> = { v1: 15, v1beta1: 9, v1alpha1: 1 }
/** Those that do not follow the pattern. */
const ownPriorities: Readonly<Record<string, number>> = {
  '/v1': 1, 'autoscaling/v2': 30, 'autoscaling/v2beta2': 1, 'events.k8s.io/v1beta1': 5, 'discovery.k8s.io/v1beta1': 12,
  'flowcontrol.apiserver.k8s.io/v1': 21, 'metrics.k8s.io/v1beta1': 100,
}

/** As a definition's group versions have it, and whatever else is not Kubernetes' own. */
const others: Priority = { group: 1000, version: 100 }

/** What this server says of a group version of its own. */
export function defaultPriority(group: string, version: string): Priority {
  const known = Object.hasOwn(groupPriorities, group) ? groupPriorities[group] : undefined
  if (known === undefined) return others
  return { group: known, version: ownPriorities[`${group}/${version}`] ?? versionPriorities[version] ?? 9 }
}

export const priorityOf = ({ spec }: Readonly<APIService>): Priority => ({ group: spec?.groupPriorityMinimum ?? 0, version: spec?.versionPriority ?? 0 })

export interface RankedGroup {
  readonly name: string
  readonly versions: readonly string[]
}

/** The aggregator's own group has no APIService, and stands first. */
const own = 'apiregistration.k8s.io'

/** Groups as discovery shows them: by the highest priority of their versions, then by name; versions by theirs, then as Kubernetes compares them. */
export function rank(groups: readonly RankedGroup[], priority: (group: string, version: string) => Priority): RankedGroup[] {
  const ranked = groups.map(({ name, versions }) => ({
    name,
    versions: [...versions].sort((a, b) => priority(name, b).version - priority(name, a).version || compareVersions(a, b)),
    at: name === own ? Infinity : Math.max(...versions.map((version) => priority(name, version).group)),
  }))
  return ranked.sort((a, b) => (a.at === b.at ? (a.name < b.name ? -1 : 1) : b.at - a.at)).map(({ name, versions }) => ({ name, versions }))
}
