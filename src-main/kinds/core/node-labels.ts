import type { NodeSelectorTerm } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { isValidLabelValue } from '../validation.ts'

const replaced = (since: string, by: string): string => `deprecated since ${since}; use "${by}" instead`

const old: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': replaced('v1.14', 'kubernetes.io/arch'),
  'beta.kubernetes.io/os': replaced('v1.14', 'kubernetes.io/os'),
  'failure-domain.beta.kubernetes.io/region': replaced('v1.17', 'topology.kubernetes.io/region'),
  'failure-domain.beta.kubernetes.io/zone': replaced('v1.17', 'topology.kubernetes.io/zone'),
  'beta.kubernetes.io/instance-type': replaced('v1.17', 'node.kubernetes.io/instance-type'),
}

/** What a client is told of a node's label that has another name by now. */
export const oldNodeLabel = (label: string): string | undefined => lookup(old, label)

/** Of a requirement that nodes are chosen by. `withValues`: what is only preferred may have values that no label has. */
export const warnOfNodeTerm = ({ matchExpressions = [] }: NodeSelectorTerm, at: string, withValues: boolean): string[] =>
  matchExpressions.flatMap(({ key, values = [] }, i) => {
    const here = `${at}.matchExpressions[${i}]`
    const named = oldNodeLabel(key)
    const wrong = withValues ? values.flatMap((value, j) => isValidLabelValue(value).map((sentence) => `${here}.values[${j}]: ${value} is invalid, ${sentence}`)) : []
    return [...(named ? [`${here}.key: ${key} is ${named}`] : []), ...wrong]
  })
