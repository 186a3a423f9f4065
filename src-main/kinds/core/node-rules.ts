import { parseQuantity } from '../../base/quantity.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Node, NodeStatus, Taint } from '../generated/types.ts'
import { isValidCIDR, unusualCIDR } from '../ip.ts'
import { isQualifiedName, isValidLabelValue } from '../validation.ts'
import { checkNodeAnnotations } from './node-annotations.ts'
import { checkNodeConfig } from './node-config.ts'
import { isCounted } from './resources.ts'

export function checkNode({ metadata, spec, status }: Node, at: FieldPath): FieldError[] {
  return [
    ...checkAnnotations(metadata, at),
    // Kubernetes' own path: taints were an annotation once
    ...checkTaints(spec?.taints ?? [], at.child('metadata', 'taints')),
    ...checkResources(status, at.child('status')),
    ...checkSwap(status, at.child('metadata', 'nodeSwapStatus', 'capacity')),
    ...checkFeatures(status?.declaredFeatures ?? [], at.child('status', 'declaredFeatures')),
    ...checkCidrs(spec?.podCIDRs ?? [], at.child('spec', 'podCIDRs')),
  ]
}

const checkAnnotations = (metadata: Node['metadata'], at: FieldPath): FieldError[] => checkNodeAnnotations(metadata?.annotations, at.child('metadata', 'annotations'), checkTaints)

const checkResources = (status: NodeStatus | undefined, at: FieldPath): FieldError[] =>
  [...checkAmounts(status?.capacity, at.child('capacity')), ...checkAmounts(status?.allocatable, at.child('allocatable'))]

/** Kubernetes' own path. */
function checkSwap(status: NodeStatus | undefined, at: FieldPath): FieldError[] {
  const bytes = status?.nodeInfo?.swap?.capacity
  return bytes !== undefined && bytes <= 0 ? [at.invalid(bytes, 'must be greater than zero')] : []
}

const featureName = /^[A-Z][A-Za-z0-9]*(\/[A-Za-z][A-Za-z0-9]*)*$/
const featureSentence = "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"

function checkFeatures(features: readonly string[], list: FieldPath): FieldError[] {
  return features.flatMap((name, i) => {
    const at = list.child(i)
    const wrong = name.length > 253 ? 'must be no more than 253 characters' : featureName.test(name) ? undefined : featureSentence
    const errors = wrong ? [at.invalid(name, `invalid feature name ${JSON.stringify(name)}: ${wrong}`)] : []
    const next = features[i + 1]
    if (next === name) errors.push(list.child(i + 1).duplicate(next))
    else if (next !== undefined && next < name) errors.push(list.child(i + 1).invalid(next, 'list must be sorted alphabetically'))
    return errors
  })
}

/** What a client is told of a node. */
export function warnOfNode({ spec }: Readonly<Node>): string[] {
  return [
    ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
    ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...(spec?.podCIDRs ?? []).flatMap((cidr, i) => unusualCIDR(`spec.podCIDRs[${i}]`, cidr)),
  ]
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function checkTaints(taints: readonly Taint[], at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(taints, at, (taint, here) => {
    const { key = '', value = '', effect } = taint
    const errors = say(here.child('key'), key, isQualifiedName(key))
    const wrong = isValidLabelValue(value)
    if (wrong.length > 0) errors.push(here.child('value').invalid(value, wrong.join(';')))
    if (!effect) errors.push(here.child('effect').required())
    else if (!effects.includes(effect)) errors.push(here.child('effect').notSupported(effect, effects))
    const identity = JSON.stringify([key, effect])
    if (seen.has(identity)) {
      const { message, ...error } = here.duplicate({ Key: key, Value: value, Effect: effect ?? '', TimeAdded: taint.timeAdded ?? null })
      errors.push({ ...error, message: `${message}: taints must be unique by key and effect pair` })
    }
    seen.add(identity)
    return errors
  })
}

/** Kubernetes joins a resource to the path as if it were a field. */
function checkAmounts(amounts: Readonly<Record<string, string>> | undefined, at: FieldPath): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, quantity]) => {
    const amount = parseQuantity(quantity) ?? 0
    if (amount < 0) return [at.child(name).invalid(quantity, 'must be greater than or equal to 0')]
    return isCounted(name) && !Number.isInteger(amount) ? [at.child(name).invalid(quantity, 'must be an integer')] : []
  })
}

function checkCidrs(cidrs: readonly string[], at: FieldPath): FieldError[] {
  const errors = each(cidrs, at, (cidr, here) => say(here, cidr, isValidCIDR(cidr)))
  if (cidrs.length < 2) return errors
  const wrong = cidrs.findIndex((cidr) => isValidCIDR(cidr).length > 0)
  if (wrong >= 0) errors.push(at.internal(`invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${cidrs[wrong]})`))
  const families = new Set(cidrs.map((cidr) => cidr.includes(':')))
  if (wrong >= 0 || cidrs.length > 2 || families.size < 2) errors.push(at.invalid(cidrs, 'may specify no more than one CIDR for each IP family'))
  return errors
}

/** Of its status too: Kubernetes has one rule for both. */
export function checkNodeUpdate(node: Node, { spec: old }: Node, at: FieldPath): FieldError[] {
  const { metadata, spec, status } = node
  const seen = new Set<string>()
  const errors = [
    ...checkAnnotations(metadata, at),
    ...checkResources(status, at.child('status')),
    ...checkFeatures(status?.declaredFeatures ?? [], at.child('status', 'declaredFeatures')),
  ]
  errors.push(...each(status?.addresses, at.child('status', 'addresses'), ({ type, address }, here) => {
    const key = JSON.stringify([type, address])
    const again = seen.has(key) ? [here.duplicate({ Type: type, Address: address })] : []
    seen.add(key)
    return again
  }))
  const [now, before] = [spec?.podCIDRs ?? [], old?.podCIDRs ?? []]
  const podCidrs = at.child('spec', 'podCIDRs').forbidden('node updates may not change podCIDR except from "" to valid')
  if (before.length > 0 && before.length !== now.length) errors.push(podCidrs)
  else errors.push(...before.filter((cidr, i) => cidr !== now[i]).map(() => podCidrs))
  if (old?.providerID && old.providerID !== spec?.providerID) {
    errors.push(at.child('spec', 'providerID').forbidden('node updates may not change providerID except from "" to valid'))
  }
  errors.push(...checkNodeConfig(node, at), ...checkTaints(spec?.taints ?? [], at.child('metadata', 'taints')))
  if ((spec?.externalID ?? '') !== (old?.externalID ?? '')) errors.push(at.child('spec', 'externalID').forbidden('may not be updated'))
  return errors
}
