import { parseQuantity } from '../../base/quantity.ts'
import type { Pod } from '../generated/types.ts'

const counted = ['cpu', 'memory'] as const

function amount(list: Readonly<Record<string, string>> | undefined, name: string): number {
  const text = list?.[name]
  return text === undefined ? 0 : (parseQuantity(text) ?? 0)
}

/** Guaranteed when every container's limits equal its requests, BestEffort when none has any, else Burstable. */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  // what a pod says as a whole stands above its containers
  const containers = pod.spec?.resources ? [pod.spec] : [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const parts = containers.flatMap(({ resources }) => counted.map((name) => ({ limit: amount(resources?.limits, name), request: amount(resources?.requests, name) })))
  if (parts.every(({ limit, request }) => limit === 0 && request === 0)) return 'BestEffort'
  return parts.every(({ limit, request }) => limit > 0 && limit === request) ? 'Guaranteed' : 'Burstable'
}
