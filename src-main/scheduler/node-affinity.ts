import type { Node } from '../kinds/core/node.ts'
import type { Pod } from '../kinds/core/pod.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../kinds/generated/types.ts'

/** Whether the node meets the pod's nodeSelector and its required node affinity. */
export function meetsAffinity({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || required.nodeSelectorTerms.some((term) => meetsTerm(term, node))
}

/** The weights of all preferred terms that the node meets. */
export const preference = ({ spec }: Pod, node: Node): number =>
  (spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
    .filter((preferred) => meetsTerm(preferred.preference, node))
    .reduce((total, { weight }) => total + weight, 0)

/** A term without requirements meets nothing. */
function meetsTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': metadata.name ?? '' }
  return (
    matchExpressions.every((rule) => meets(rule, metadata.labels ?? {})) &&
    matchFields.every((rule) => meets(rule, fields))
  )
}

function meets(
  { key, operator, values = [] }: NodeSelectorRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const actual = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual)
    case 'NotIn':
      return actual === undefined || !values.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
    case 'Lt':
      return (
        actual !== undefined &&
        /^-?\d+$/.test(actual) &&
        (operator === 'Gt' ? Number(actual) > Number(values[0]) : Number(actual) < Number(values[0]))
      )
  }
}
