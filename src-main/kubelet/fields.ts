import { milliCpu, parseQuantity, wholeQuantity } from '../base/quantity.ts'
import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from '../kinds/generated/types.ts'
import { specOf } from './plan.ts'

/** What the node adds to a pod's fields. */
export interface NodeFacts {
  readonly hostIp: string
  readonly podIp: string | undefined
  readonly cpus: number
  readonly memoryBytes: number
}

/** `k="v"` lines, as the downward API writes a map. */
const mapText = (map: Readonly<Record<string, string>> | undefined): string =>
  Object.keys(map ?? {}).sort().map((key) => `${key}=${JSON.stringify(map?.[key])}`).join('\n')

/**
 * The text of a `fieldRef`: of env variables and of downward API files.
 *
 * @throws Error when the path names nothing the downward API offers
 */
export function fieldText(pod: Pod, { fieldPath }: ObjectFieldSelector, facts: NodeFacts): string {
  const keyed = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath)
  if (keyed) return pod.metadata[keyed[1] as 'annotations' | 'labels']?.[keyed[2] ?? ''] ?? ''
  switch (fieldPath) {
    case 'metadata.name':
      return pod.metadata.name ?? ''
    case 'metadata.namespace':
      return pod.metadata.namespace ?? ''
    case 'metadata.uid':
      return pod.metadata.uid ?? ''
    case 'metadata.labels':
      return mapText(pod.metadata.labels)
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations)
    case 'spec.nodeName':
      return pod.spec?.nodeName ?? ''
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? 'default'
    case 'status.hostIP':
    case 'status.hostIPs':
      return facts.hostIp
    case 'status.podIP':
    case 'status.podIPs':
      return facts.podIp ?? ''
    default:
      throw new Error(`unsupported fieldPath: ${fieldPath}`)
  }
}

/**
 * The text of a `resourceFieldRef`; a limit that is not set is what the node has.
 *
 * @throws Error when the resource or the container is unknown
 */
export function resourceText(pod: Pod, own: Container | undefined, selector: ResourceFieldSelector, facts: NodeFacts): string {
  const container = selector.containerName ? specOf(pod, selector.containerName) : own
  if (!container) throw new Error(`container ${selector.containerName ?? ''} not found`)
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage)$/.exec(selector.resource)
  if (!match) throw new Error(`unsupported container resource : ${selector.resource}`)
  const [, list, name = ''] = match
  const quantity = container.resources?.[list as 'limits' | 'requests']?.[name]
  const divisor = parseQuantity(selector.divisor ?? '1') || 1
  if (name === 'cpu') {
    const milli = quantity === undefined && list === 'limits' ? facts.cpus * 1000 : milliCpu(quantity)
    return String(Math.ceil(milli / (divisor * 1000)))
  }
  const bytes = quantity === undefined && list === 'limits' && name === 'memory' ? facts.memoryBytes : wholeQuantity(quantity)
  return String(Math.ceil(bytes / divisor))
}

