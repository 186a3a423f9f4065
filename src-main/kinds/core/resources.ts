import { amountOf, oneAmount } from '../../base/amount.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ResourceClaim, ResourceRequirements } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { isDNS1123Label, isQualifiedName } from '../validation.ts'

const ofContainers = /^(cpu|memory|ephemeral-storage|hugepages-.*)$/
/** What has a name without a prefix and is no resource of containers: helper.IsStandardResourceName. */
const ofQuotas = new Set([
  'storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'requests.storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers',
])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
/** Kubernetes' own resources; whatever else is extended. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`).length === 0
const whole = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'])

/** What only comes in whole pieces: helper.IsIntegerResourceName. */
export const isCounted = (name: string): boolean => whole.has(name) || isExtended(name)

/** More may be promised than there is. */
export const isOvercommitted = (name: string): boolean => isNative(name) && !isHugePages(name)

export function checkResourceName(name: string, at: FieldPath): FieldError[] {
  const errors = say(at, name, isQualifiedName(name))
  const isStandard = name.includes('/') || ofContainers.test(name) || ofQuotas.has(name) || name.startsWith('requests.hugepages-')
  return errors.length > 0 || isStandard ? errors : [at.invalid(name, 'must be a standard resource type or fully qualified')]
}

export function checkContainerResource(name: string, at: FieldPath): FieldError[] {
  const errors = checkResourceName(name, at)
  if (!name.includes('/')) return ofContainers.test(name) ? errors : [...errors, at.invalid(name, 'must be a standard resource for containers')]
  return isNative(name) || isExtended(name) ? errors : [...errors, at.invalid(name, "doesn't follow extended resource name standard")]
}

/** `hugepages-` stands for all of them. */
const ofPods = ['cpu', 'hugepages-', 'memory']

/** A resource that a pod as a whole may have amounts of. */
export function checkPodResource(name: string, at: FieldPath): FieldError[] {
  const errors = checkResourceName(name, at)
  return errors.length > 0 || ofPods.includes(name) || isHugePages(name) ? errors : [at.notSupported(name, ofPods)]
}

function checkQuantity(name: string, quantity: string, at: FieldPath): FieldError[] {
  const { nano } = amountOf(quantity)
  const errors = nano < 0n ? [at.invalid(quantity, 'must be greater than or equal to 0')] : []
  if (isCounted(name) && nano % oneAmount.nano !== 0n) errors.push(at.invalid(quantity, 'must be an integer'))
  const page = isHugePages(name) ? amountOf(name.slice('hugepages-'.length)).nano : 0n
  if (isHugePages(name) && (page <= 0n || nano % page !== 0n)) errors.push(at.invalid(quantity, `${quantity} is not positive integer multiple of ${name}`))
  return errors
}

export interface ResourceRules {
  /** Names of the pod's resource claims. */
  readonly claims?: ReadonlySet<string>
  readonly checkName?: typeof checkPodResource
}

export function checkResources(resources: ResourceRequirements | undefined, at: FieldPath, rules: ResourceRules = {}): FieldError[] {
  const { limits = {}, requests = {}, claims } = resources ?? {}
  const { checkName = checkContainerResource, claims: known = new Set<string>() } = rules
  const checkAmount = (list: FieldPath, [name, quantity]: [string, string]) => [...checkName(name, list.key(name)), ...checkQuantity(name, quantity, list.key(name))]
  const errors = Object.entries(limits).flatMap((entry) => checkAmount(at.child('limits'), entry))
  for (const entry of Object.entries(requests)) errors.push(...checkAmount(at.child('requests'), entry), ...checkLimit(entry, lookup(limits, entry[0]), at))
  const names = Object.keys({ ...limits, ...requests })
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) errors.push(at.forbidden('HugePages require cpu or memory'))
  return [...errors, ...checkClaims(claims, known, at.child('claims'))]
}

function checkLimit([name, request]: [string, string], limit: string | undefined, at: FieldPath): FieldError[] {
  if (limit === undefined) return isOvercommitted(name) ? [] : [at.child('limits').required('Limit must be set for non overcommitable resources')]
  const difference = amountOf(request).nano - amountOf(limit).nano
  if (difference !== 0n && !isOvercommitted(name)) return [at.child('requests').invalid(request, `must be equal to ${name} limit of ${limit}`)]
  return difference > 0n ? [at.child('requests').invalid(request, `must be less than or equal to ${name} limit of ${limit}`)] : []
}

function checkClaims(claims: readonly ResourceClaim[] | undefined, known: ReadonlySet<string>, list: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(claims, list, ({ name, request }, at) => {
    if (!name) return [at.required()]
    const errors: FieldError[] = []
    if (seen.has(name)) errors.push(at.duplicate(name))
    else {
      const key = request ? `${name}/${request}` : name
      if (request) errors.push(...say(at.child('request'), request, isDNS1123Label(request)))
      if (seen.has(key) || (!request && [...seen].some((other) => other.startsWith(`${name}/`)))) errors.push(at.duplicate(key))
      seen.add(key)
    }
    if (known.has(name)) return errors
    const { message, ...missing } = at.notFound(name)
    const names = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`
    return [...errors, { ...missing, message: `${message}: must be one of the names in pod.spec.resourceClaims${names}` }]
  })
}
