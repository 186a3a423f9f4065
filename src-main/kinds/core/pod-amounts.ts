import { addAmounts, type Amount, amountOf, largerAmount } from '../../base/amount.ts'
import type { ContainerStatus, Pod } from '../generated/types.ts'

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
  const own = (container: { name: string; resources?: { requests?: List; limits?: List } }): Amounts =>
    withStatus(amountsOf(container.resources?.[which]), which, statuses.find(({ name }) => name === container.name))

  const running = new Map<string, Amount>()
  for (const container of spec?.containers ?? []) add(running, own(container))
  const sidecars = new Map<string, Amount>()
  const peak = new Map<string, Amount>()
  for (const container of spec?.initContainers ?? []) {
    const starting = new Map(sidecars)
    add(starting, own(container))
    if (container.restartPolicy === 'Always') {
      add(sidecars, own(container))
      add(running, own(container))
    }
    raise(peak, starting)
  }
  raise(running, peak)
  for (const [name, amount] of amountsOf(spec?.resources?.[which])) running.set(name, amount)
  if (options.overhead === false) return running
  const overhead = amountsOf(spec?.overhead)
  if (which === 'limits') for (const name of overhead.keys()) if (!running.has(name)) overhead.delete(name)
  add(running, overhead)
  return running
}

function withStatus(wished: Map<string, Amount>, which: Which, status: ContainerStatus | undefined): Map<string, Amount> {
  if (!status) return wished
  raise(wished, amountsOf(status.resources?.[which]))
  if (which === 'requests') raise(wished, amountsOf(status.allocatedResources))
  return wished
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
