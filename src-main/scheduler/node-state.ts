import type { Node } from '../kinds/core/node.ts'
import type { Pod } from '../kinds/core/pod.ts'
import { controllerOf } from '../kinds/meta.ts'
import { type Amounts, amounts, type HostPort, needsOf, type Needs } from './pod-needs.ts'

/** A node and what its pods take of it. */
export interface NodeView {
  readonly node: Node
  readonly allocatable: Amounts
  readonly requested: Amounts
  readonly weight: Amounts
  readonly pods: number
  readonly ports: readonly HostPort[]
  /** Pods on the node by the uid of their managing owner. */
  readonly owners: ReadonlyMap<string, number>
}

interface Placed {
  readonly node: string
  readonly needs: Needs
  readonly owner: string | undefined
}

class Load {
  readonly requested = new Map<string, number>()
  readonly weight = new Map<string, number>()
  readonly owners = new Map<string, number>()
  readonly placed = new Set<Placed>()
  node: Node | undefined = undefined
  allocatable: Amounts = new Map()

  get pods(): number {
    return this.placed.size
  }

  get ports(): HostPort[] {
    return [...this.placed].flatMap(({ needs }) => needs.ports)
  }

  count(placed: Placed, sign: 1 | -1): void {
    if (sign === 1) this.placed.add(placed)
    else this.placed.delete(placed)
    add(this.requested, placed.needs.requests, sign)
    add(this.weight, placed.needs.weight, sign)
    if (placed.owner) add(this.owners, new Map([[placed.owner, 1]]), sign)
  }
}

function add(total: Map<string, number>, part: Amounts, sign: 1 | -1): void {
  for (const [name, value] of part) total.set(name, (total.get(name) ?? 0) + sign * value)
}

/**
 * The nodes and what is taken on each, kept up to date by changes of single nodes and pods. A pod that was assumed
 * counts from the decision on, so that the next decision knows of it before the binding is written.
 */
export class NodeStates {
  readonly #loads = new Map<string, Load>()
  readonly #placed = new Map<string, Placed>()

  views(): NodeView[] {
    return [...this.#loads.values()].filter((load): load is Load & NodeView => load.node !== undefined)
  }

  setNode(node: Node): void {
    const load = this.#load(node.metadata.name ?? '')
    load.node = node
    load.allocatable = amounts(node.status?.allocatable)
  }

  /** Pods that are still bound to it keep counting, should it come back. */
  removeNode(name: string): void {
    const load = this.#loads.get(name)
    if (load) load.node = undefined
    this.#tidy(name)
  }

  /** A pod as the cluster shows it; whether it takes less than before. One without a node changes nothing: it may be assumed already. */
  setPod(pod: Pod): boolean {
    const { uid = '' } = pod.metadata
    const before = this.#placed.get(uid)?.needs.requests
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') this.removePod(uid)
    else if (pod.spec?.nodeName) this.assume(pod, pod.spec.nodeName)
    const after = this.#placed.get(uid)?.needs.requests
    return before !== undefined && [...before].some(([resource, value]) => value > (after?.get(resource) ?? 0))
  }

  assume(pod: Pod, node: string): void {
    const { uid = '' } = pod.metadata
    this.removePod(uid)
    const placed = { node, needs: needsOf(pod), owner: controllerOf(pod)?.uid }
    this.#placed.set(uid, placed)
    this.#load(node).count(placed, 1)
  }

  /** It is gone, finished, or its binding failed. */
  removePod(uid: string): void {
    const placed = this.#placed.get(uid)
    if (!placed) return
    this.#placed.delete(uid)
    this.#loads.get(placed.node)?.count(placed, -1)
    this.#tidy(placed.node)
  }

  #load(name: string): Load {
    let load = this.#loads.get(name)
    if (!load) this.#loads.set(name, (load = new Load()))
    return load
  }

  #tidy(name: string): void {
    const load = this.#loads.get(name)
    if (load && !load.node && load.placed.size === 0) this.#loads.delete(name)
  }
}
