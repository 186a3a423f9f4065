import { addAmounts, type Amount, amountOf, largerAmount, zeroAmount } from '../../base/amount.ts'
import type { ContainerStatus, Pod } from '../generated/types.ts'
import { conditionOf } from '../meta.ts'

/** Amounts by resource name. */
export type Amounts = ReadonlyMap<string, Amount>
type List = Readonly<Record<string, string>> | undefined
type Which = 'requests' | 'limits'

export const amountsOf = (list: List): Map<string, Amount> =>
  new Map(Object.entries(list ?? {}).map(([name, quantity]) => [name, amountOf(quantity)]))

export interface PodAmountOptions {
  /** With what the pod takes besides its containers; so unless said. */
  readonly overhead?: boolean
  /** With what its containers have by their status while a resize is under way. */
  readonly status?: boolean
}

/**
 * All a pod requests, or may use at most: the sum of its containers, or more while an init container runs, with sidecars
 * beside both; what the pod says as a whole stands above that. As k8s.io/component-helpers/resource.
 */
export function podAmounts(pod: Readonly<Pod>, which: Which, options: PodAmountOptions = {}): Map<string, Amount> {
  const { spec, status } = pod
  const statuses = options.status ? [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])] : []
  const infeasible = statuses.length > 0 && isResizeInfeasible(pod)
  const own = (container: { name: string; resources?: { requests?: List; limits?: List } }, hasStatus = true): Amounts =>
    withStatus(amountsOf(container.resources?.[which]), which, hasStatus ? statuses.find(({ name }) => name === container.name) : undefined, infeasible)

  const running = new Map<string, Amount>()
  for (const container of spec?.containers ?? []) add(running, own(container))
  const sidecars = new Map<string, Amount>()
  const peak = new Map<string, Amount>()
  for (const container of spec?.initContainers ?? []) {
    const starting = new Map(sidecars)
    const amounts = own(container, container.restartPolicy === 'Always')
    add(starting, amounts)
    if (container.restartPolicy === 'Always') {
      add(sidecars, amounts)
      add(running, amounts)
    }
    raise(peak, starting)
  }
  raise(running, peak)
  const whole = amountsOf(spec?.resources?.[which])
  const asWhole = whole.size > 0 ? withStatus(whole, which, options.status ? status : undefined, infeasible) : whole
  for (const name of Object.keys(spec?.resources?.[which] ?? {})) running.set(name, asWhole.get(name) ?? zeroAmount)
  if (options.overhead === false) return running
  const overhead = amountsOf(spec?.overhead)
  if (which === 'limits') for (const name of overhead.keys()) if (!running.has(name)) overhead.delete(name)
  add(running, overhead)
  return running
}

/** What a node refused for good is not counted. */
export const isResizeInfeasible = ({ status }: Readonly<Pod>): boolean => conditionOf(status?.conditions, 'PodResizePending')?.reason === 'Infeasible'

function withStatus(wished: Map<string, Amount>, which: Which, status: Pick<ContainerStatus, 'allocatedResources' | 'resources'> | undefined, infeasible: boolean): Map<string, Amount> {
  if (!status?.resources) return wished
  const most = infeasible ? new Map<string, Amount>() : wished
  raise(most, amountsOf(status.resources[which]))
  if (which === 'requests') raise(most, amountsOf(status.allocatedResources))
  return most
}

function add(total: Map<string, Amount>, part: Amounts): void {
  for (const [name, amount] of part) {
    const known = total.get(name)
    total.set(name, known ? addAmounts(known, amount) : amount)
  }
}

function raise(total: Map<string, Amount>, part: Amounts): void {
  for (const [name, amount] of part) {
    const known = total.get(name)
    total.set(name, known ? largerAmount(known, amount) : amount)
  }
}
