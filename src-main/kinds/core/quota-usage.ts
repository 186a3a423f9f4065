import { addAmounts, type Amount, amountOf, largerAmount, oneAmount, zeroAmount } from '../../base/amount.ts'
import type { ResourceQuotaSpec } from '../generated/types.ts'
import type { AnyKind } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import type { PersistentVolumeClaim } from './persistent-volume-claim.ts'
import { type Amounts, podAmounts } from './pod-amounts.ts'
import type { Pod } from './pod.ts'
import { scopesOf, type ScopeTest } from './quota-scopes.ts'
import type { Service } from './service.ts'

type Subject = Pick<AnyKind, 'group' | 'plural'>
type Of = (object: Readonly<KubeObject>) => Amounts

/** How the objects of one resource count: k8s.io/kubernetes/pkg/quota. */
interface Evaluator {
  usage: Of
  /** Besides `count/<resource>`. */
  covers(name: string): boolean
}

const storageClassSuffix = '.storageclass.storage.k8s.io/'
const computed = /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage)$/
const hugePages = /^(requests\.)?hugepages-/

/** Counted by name alone, as before `count/` was invented. */
const plain: readonly string[] = ['configmaps', 'replicationcontrollers', 'resourcequotas', 'secrets']

const evaluators: Readonly<Record<string, Evaluator>> = {
  pods: {
    usage: (object) => podUsage(object as Pod),
    covers: (name) => name === 'pods' || computed.test(name) || hugePages.test(name) || isExtended(name),
  },
  services: {
    usage: (object) => serviceUsage(object as Service),
    covers: (name) => ['services', 'services.nodeports', 'services.loadbalancers'].includes(name),
  },
  persistentvolumeclaims: {
    usage: (object) => claimUsage(object as PersistentVolumeClaim),
    covers: (name) => name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes(storageClassSuffix),
  },
}

/** Devices and the like: `requests.example.com/gpu`. */
const isExtended = (name: string): boolean => /^requests\.[^/]+\//.test(name) && !name.includes('kubernetes.io/') && !name.includes(storageClassSuffix)

const evaluatorOf = ({ group, plural }: Subject): Evaluator => {
  if (group === '' && Object.hasOwn(evaluators, plural)) return evaluators[plural]!
  const own = group === '' && plain.includes(plural) ? plural : undefined
  return { usage: () => new Map(own ? [[own, oneAmount]] : []), covers: (name) => name === own }
}

const countName = ({ group, plural }: Subject): string => `count/${group ? `${plural}.${group}` : plural}`

/** Those of a quota's resources that objects of the kind use. */
export const coveredBy = (kind: Subject, names: readonly string[]): string[] => {
  const evaluator = evaluatorOf(kind)
  return names.filter((name) => name === countName(kind) || evaluator.covers(name))
}

/** Everything an object may be charged for, and what of it ends while the object is still there. */
export interface Charge {
  readonly usage: Amounts
  /** From then on (ms), only the object itself is counted; a pod that hangs in its deletion. */
  readonly endsAt?: number
}

/** Pods that ended and pods that hang in their deletion take up nothing but their own name. */
export function chargeOf(kind: Subject, object: Readonly<KubeObject>): Charge {
  const count: Amounts = new Map([[countName(kind), oneAmount]])
  const isPod = kind.group === '' && kind.plural === 'pods'
  const phase = isPod ? (object as Pod).status?.phase : undefined
  if (phase === 'Failed' || phase === 'Succeeded') return { usage: count }
  const usage = new Map([...count, ...evaluatorOf(kind).usage(object)])
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  if (!isPod || !deletionTimestamp || deletionGracePeriodSeconds === undefined) return { usage }
  return { usage, endsAt: Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000 }
}

/** What a charge says of one resource at a time. */
export const charged = ({ usage, endsAt = Infinity }: Charge, name: string, now: number): Amount =>
  (now > endsAt && !name.startsWith('count/') ? undefined : usage.get(name)) ?? zeroAmount

/** Looks at each version of an object once, however often it is counted. */
export class Meter {
  readonly #charges = new WeakMap<object, Charge>()
  readonly #scopes = new WeakMap<ResourceQuotaSpec, ScopeTest>()

  charge(kind: Subject, object: Readonly<KubeObject>): Charge {
    let charge = this.#charges.get(object)
    if (!charge) this.#charges.set(object, (charge = chargeOf(kind, object)))
    return charge
  }

  /** Whether the object is of those that the quota is about. */
  concerns(spec: ResourceQuotaSpec, kind: Subject, object: Readonly<KubeObject>): boolean {
    let scopes = this.#scopes.get(spec)
    if (!scopes) this.#scopes.set(spec, (scopes = scopesOf(spec)))
    return scopes(kind, object)
  }

  /** What the objects use of the named resources of a quota, all of which they are covered by. */
  total(spec: ResourceQuotaSpec, kind: Subject, objects: Iterable<Readonly<KubeObject>>, names: readonly string[], now: number): Map<string, Amount> {
    const total = new Map(names.map((name) => [name, zeroAmount]))
    for (const object of objects) {
      if (!this.concerns(spec, kind, object)) continue
      const charge = this.charge(kind, object)
      for (const name of names) {
        const amount = charged(charge, name, now)
        if (amount.nano !== 0n) total.set(name, addAmounts(total.get(name)!, amount))
      }
    }
    return total
  }
}

function podUsage(pod: Readonly<Pod>): Amounts {
  const usage = new Map<string, Amount>([['pods', oneAmount]])
  for (const [name, amount] of podAmounts(pod, 'requests', { status: true })) {
    usage.set(`requests.${name}`, amount)
    if (computed.test(name) || hugePages.test(name)) usage.set(name, amount)
  }
  for (const [name, amount] of podAmounts(pod, 'limits', { status: true })) {
    if (computed.test(name)) usage.set(`limits.${name}`, amount)
  }
  return usage
}

const count = (number: number): Amount => ({ nano: BigInt(number) * oneAmount.nano, family: 'decimal' })

function serviceUsage({ spec }: Readonly<Service>): Amounts {
  const ports = spec?.ports ?? []
  const balanced = spec?.type === 'LoadBalancer'
  const own = balanced && spec.allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort) : ports
  return new Map([
    ['services', oneAmount],
    ['services.nodeports', count(balanced || spec?.type === 'NodePort' ? own.length : 0)],
    ['services.loadbalancers', count(balanced ? 1 : 0)],
  ])
}

function claimUsage({ metadata, spec, status }: Readonly<PersistentVolumeClaim>): Amounts {
  const usage = new Map<string, Amount>([['persistentvolumeclaims', oneAmount]])
  const className = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName
  if (className) usage.set(`${className}${storageClassSuffix}persistentvolumeclaims`, oneAmount)
  const storage = largerAmount(amountOf(spec?.resources?.requests?.['storage']), amountOf(status?.allocatedResources?.['storage']))
  usage.set('requests.storage', storage)
  if (className) usage.set(`${className}${storageClassSuffix}requests.storage`, storage)
  return usage
}

const demanded = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** What a quota over CPU or memory makes every container say: `must specify limits.cpu for: c1,c2; limits.memory for: c1`. */
export function missingAmounts({ spec }: Readonly<Pod>, names: readonly string[]): string | undefined {
  const wanted = names.filter((name) => demanded.includes(name)).sort()
  if (wanted.length === 0 || spec?.resources?.requests || spec?.resources?.limits) return undefined
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const missing = wanted.flatMap((name) => {
    const [list, resource] = name.startsWith('limits.') ? (['limits', name.slice(7)] as const) : (['requests', name.replace('requests.', '')] as const)
    const without = containers.filter(({ resources }) => !Object.hasOwn(resources?.[list] ?? {}, resource))
    return without.length > 0 ? [`${name} for: ${without.map((container) => container.name).sort().join(',')}`] : []
  })
  return missing.length > 0 ? `must specify ${missing.join('; ')}` : undefined
}
