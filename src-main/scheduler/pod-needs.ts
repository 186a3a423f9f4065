import { milliCpu, wholeQuantity } from '../base/quantity.ts'
import type { Pod } from '../kinds/core/pod.ts'
import { isResizeInfeasible } from '../kinds/core/pod-amounts.ts'
import type { Container, ContainerStatus } from '../kinds/generated/types.ts'

/** Amounts by resource name: CPU in thousandths, everything else in bytes or pieces. */
export type Amounts = ReadonlyMap<string, number>

export const amount = (resource: string, quantity: string | number | undefined): number =>
  resource === 'cpu' ? milliCpu(quantity) : wholeQuantity(quantity)

export const amounts = (list: Readonly<Record<string, string | number>> | undefined): Map<string, number> =>
  new Map(Object.entries(list ?? {}).map(([resource, quantity]) => [resource, amount(resource, quantity)]))

/** What a container counts for in scores when it requests nothing: as in Kubernetes' scheduler. */
const scored: Amounts = new Map([
  ['cpu', 100],
  ['memory', 200 * 2 ** 20],
])
const none: Amounts = new Map()

/** A host port that a pod takes; an empty address is every address. */
export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** All a pod takes from a node. */
export interface Needs {
  readonly requests: Amounts
  /** The same for scores, where nobody is free of charge. */
  readonly weight: Amounts
  readonly ports: readonly HostPort[]
}

export function needsOf(pod: Pod): Needs {
  return { requests: requested(pod, none), weight: requested(pod, scored), ports: hostPorts(pod) }
}

/** The containers' sum, or more while an init container runs; sidecars run beside both. While a resize is under way, the most of it all. */
function requested(pod: Pod, least: Amounts): Amounts {
  const { spec } = pod
  const statuses = statusesOf(pod)
  const total = sum((spec?.containers ?? []).map((container) => containerRequests(container, least, pod, statuses)))
  let peak: Amounts = none
  let sidecars: Amounts = none
  for (const container of spec?.initContainers ?? []) {
    const own = containerRequests(container, least, pod, container.restartPolicy === 'Always' ? statuses : noStatuses)
    if (container.restartPolicy === 'Always') {
      sidecars = sum([sidecars, own])
      peak = largest(peak, sidecars)
    } else peak = largest(peak, sum([sidecars, own]))
  }
  const needed = new Map(largest(sum([total, sidecars]), peak))
  const whole = spec?.resources?.requests
  if (whole) {
    const effective = withStatus(amounts(whole), pod, pod.status)
    for (const resource of Object.keys(whole)) needed.set(resource, effective.get(resource) ?? 0)
  }
  return sum([needed, amounts(spec?.overhead)])
}

const noStatuses: ReadonlyMap<string, ContainerStatus> = new Map()

const statusesOf = ({ status }: Pod): ReadonlyMap<string, ContainerStatus> =>
  status?.containerStatuses || status?.initContainerStatuses
    ? new Map([...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].map((each) => [each.name, each]))
    : noStatuses

/** What is wished, granted or still there, whichever is most; a wish that the node refused for good counts for nothing. */
function withStatus(
  wished: Map<string, number>,
  pod: Pod,
  status: Pick<ContainerStatus, 'allocatedResources' | 'resources'> | undefined,
): Map<string, number> {
  if (!status?.resources) return wished
  const known = largest(amounts(status.resources.requests), amounts(status.allocatedResources))
  return isResizeInfeasible(pod) ? known : largest(wished, known)
}

function containerRequests(
  { name, resources }: Container,
  least: Amounts,
  pod: Pod,
  statuses: ReadonlyMap<string, ContainerStatus>,
): Amounts {
  const own = withStatus(amounts(resources?.requests), pod, statuses.get(name))
  for (const [resource, value] of least) if (!own.has(resource)) own.set(resource, value)
  return own
}

function sum(parts: readonly Amounts[]): Amounts {
  const total = new Map<string, number>()
  for (const part of parts)
    for (const [resource, value] of part) total.set(resource, (total.get(resource) ?? 0) + value)
  return total
}

function largest(a: Amounts, b: Amounts): Map<string, number> {
  const most = new Map(a)
  for (const [resource, value] of b) most.set(resource, Math.max(value, most.get(resource) ?? 0))
  return most
}

const hostPorts = ({ spec }: Pod): HostPort[] =>
  (spec?.containers ?? []).flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort ? [{ ip: hostIP && hostIP !== '0.0.0.0' ? hostIP : '', protocol, port: hostPort }] : [],
    ),
  )
