import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '../generated/types.ts'
import { compareVersions } from './version-order.ts'

/** What clients of a deprecated version are told: the definition's own words, or which newer version to use. */
export function deprecationOf({ group, names, versions }: CustomResourceDefinitionSpec, { name, deprecationWarning }: CustomResourceDefinitionVersion): string {
  if (deprecationWarning !== undefined) return deprecationWarning
  const better = versions
    .filter(({ served, deprecated, name: other }) => served && !deprecated && compareVersions(other, name) < 0)
    .map((version) => version.name).sort(compareVersions)
  return `${group}/${name} ${names.kind} is deprecated${better[0] === undefined ? '' : `; use ${group}/${better[0]} ${names.kind}`}`
}
