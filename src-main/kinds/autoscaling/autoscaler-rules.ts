import { parseQuantity } from '../../base/quantity.ts'
import { each, say } from '../checks.ts'
import { checkContainerResource } from '../core/resources.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type {
  HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpecAutoscalingV2 as Spec, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget,
} from '../generated/types.ts'
import { isDNS1123Label, isPathSegmentName } from '../validation.ts'
import { checkReference, objectVersions, type Reference, targetVersions, type Versions } from './target-reference.ts'

/** `old`: an autoscaler that scales to zero already may go on doing so, and a target that is what it was is not looked at again. */
export function checkAutoscalerSpec(spec: Partial<Spec>, at: FieldPath, old?: Partial<Spec>): FieldError[] {
  const { minReplicas = 1, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec
  const lowest = old?.minReplicas === 0 ? 0 : 1
  const errors = minReplicas < lowest ? [at.child('minReplicas').invalid(minReplicas, `must be greater than or equal to ${lowest}`)] : []
  if (maxReplicas === 0) errors.push(at.child('maxReplicas').required('must be set and greater than 0'))
  if (maxReplicas < 0) errors.push(at.child('maxReplicas').invalid(maxReplicas, 'must be greater than 0'))
  if (maxReplicas < minReplicas) errors.push(at.child('maxReplicas').invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'))
  errors.push(...checkReference(scaleTargetRef, at.child('scaleTargetRef'), targetVersions(scaleTargetRef, old)))
  const objects = objectVersions(old)
  errors.push(...each(metrics, at.child('metrics'), (metric, here) => checkMetric(metric, here, objects)))
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    errors.push(at.child('metrics').forbidden('must specify at least one Object or External metric to support scaling to zero replicas'))
  }
  return [...errors, ...checkBehavior(behavior ?? {}, at.child('behavior'))]
}

/** Where each type of metric has its content, in the order in which Kubernetes looks. */
const sources = { Object: 'object', External: 'external', Pods: 'pods', Resource: 'resource', ContainerResource: 'containerResource' } as const
type Source = (typeof sources)[keyof typeof sources]
const isType = (type: string): type is keyof typeof sources => Object.hasOwn(sources, type)

function checkMetric(metric: MetricSpec, at: FieldPath, objects: Versions): FieldError[] {
  const type: string = metric.type ?? ''
  const here = at.child('type')
  const errors = type === '' ? [here.required('must specify a metric source type')] : []
  if (!isType(type)) errors.push(here.notSupported(type, Object.keys(sources).sort()))
  const given = Object.values(sources).filter((source) => metric[source] !== undefined)
  const [first] = given
  if (first) errors.push(...checkSource(first, metric, at.child(first), objects))
  const wanted = isType(type) ? sources[type] : undefined
  // Kubernetes says it twice
  if (!wanted) errors.push(here.notSupported(type, Object.keys(sources).sort()))
  if (wanted && !metric[wanted]) errors.push(at.child(wanted).required('must populate information for the given metric source'))
  if (given.length === 1) return errors
  return [...errors, ...given.filter((source) => source !== wanted).map((source) => at.child(source).forbidden('must populate the given metric source only'))]
}

type Content = { describedObject?: Reference; metric?: MetricIdentifier; name?: string; container?: string; target?: MetricTarget }

function checkSource(source: Source, metric: MetricSpec, at: FieldPath, objects: Versions): FieldError[] {
  const content: Content = metric[source] ?? {}
  const errors: FieldError[] = []
  if (source === 'object') errors.push(...checkReference(content.describedObject, at.child('describedObject'), objects))
  if (source === 'resource' || source === 'containerResource') {
    if (!content.name) errors.push(at.child('name').required('must specify a resource name'))
    else if (source === 'containerResource') errors.push(...checkContainerResource(content.name, at.child('name')))
  } else errors.push(...checkIdentifier(content.metric, at.child('metric')))
  if (source === 'containerResource') {
    const here = at.child('container')
    errors.push(...(content.container ? say(here, content.container, isDNS1123Label(content.container)) : [here.required('must specify a container')]))
  }
  const target = content.target ?? ({} as Partial<MetricTarget>)
  return [...errors, ...checkTarget(target, at.child('target')), ...checkChoice(source, target, at.child('target'))]
}

function checkIdentifier(metric: Partial<MetricIdentifier> | undefined, at: FieldPath): FieldError[] {
  const name = metric?.name ?? ''
  return name === '' ? [at.child('name').required('must specify a metric name')] : say(at.child('name'), name, isPathSegmentName(name))
}

const targetTypes = ['Utilization', 'Value', 'AverageValue']

function checkTarget({ type = '', value, averageValue, averageUtilization }: Partial<MetricTarget>, at: FieldPath): FieldError[] {
  const errors = type === '' ? [at.child('type').required('must specify a metric target type')] : []
  if (!targetTypes.includes(type)) errors.push(at.child('type').invalid(type, 'must be either Utilization, Value, or AverageValue'))
  const isPositive = (quantity: string | undefined): boolean => quantity === undefined || (parseQuantity(quantity) ?? 0) > 0
  if (!isPositive(value)) errors.push(at.child('value').invalid(value, 'must be positive'))
  if (!isPositive(averageValue)) errors.push(at.child('averageValue').invalid(averageValue, 'must be positive'))
  if (averageUtilization !== undefined && averageUtilization < 1) errors.push(at.child('averageUtilization').invalid(averageUtilization, 'must be greater than 0'))
  return errors
}

/** Which of the target's figures a source wants. */
function checkChoice(source: Source, { value, averageValue, averageUtilization }: Partial<MetricTarget>, at: FieldPath): FieldError[] {
  const average = at.child('averageValue')
  switch (source) {
    case 'object':
      return value === undefined && averageValue === undefined ? [average.required('must set either a target value or averageValue')] : []
    case 'external':
      if (value !== undefined && averageValue !== undefined) return [at.child('value').forbidden('may not set both a target value for metric and a per-pod target')]
      return value === undefined && averageValue === undefined ? [average.required('must set either a target value for metric or a per-pod target')] : []
    case 'pods':
      return averageValue === undefined ? [average.required('must specify a positive target averageValue')] : []
    default:
      if (averageUtilization !== undefined && averageValue !== undefined) return [average.forbidden('may not set both a target raw value and a target utilization')]
      return averageUtilization === undefined && averageValue === undefined
        ? [at.child('averageUtilization').required('must set either a target raw value or a target utilization')] : []
  }
}

const checkBehavior = ({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior, at: FieldPath): FieldError[] => [
  ...(scaleUp ? checkRules(scaleUp, at.child('scaleUp')) : []),
  ...(scaleDown ? checkRules(scaleDown, at.child('scaleDown')) : []),
]

/** Seconds: MaxStabilizationWindowSeconds and MaxPeriodSeconds of autoscaling validation. */
const longest = { window: 3600, period: 1800 }
const choices = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']

function checkRules({ stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance }: HPAScalingRules, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const here = at.child('stabilizationWindowSeconds')
  if (window !== undefined && window < 0) errors.push(here.invalid(window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > longest.window) errors.push(here.invalid(window, `must be less than or equal to ${longest.window}`))
  if (selectPolicy !== undefined && !choices.includes(selectPolicy)) errors.push(at.child('selectPolicy').notSupported(selectPolicy, choices))
  if (policies.length === 0) errors.push(at.child('policies').required('must specify at least one Policy'))
  errors.push(...each(policies, at.child('policies'), ({ type = '', value = 0, periodSeconds = 0 }, there) => [
    ...(policyTypes.includes(type) ? [] : [there.child('type').notSupported(type, policyTypes)]),
    ...(value > 0 ? [] : [there.child('value').invalid(value, 'must be greater than zero')]),
    ...(periodSeconds > 0 ? [] : [there.child('periodSeconds').invalid(periodSeconds, 'must be greater than zero')]),
    ...(periodSeconds > longest.period ? [there.child('periodSeconds').invalid(periodSeconds, `must be less than or equal to ${longest.period}`)] : []),
  ]))
  const negative = tolerance !== undefined && (parseQuantity(tolerance) ?? 0) < 0
  return negative ? [...errors, at.child('tolerance').invalid(tolerance, 'must be greater than or equal to 0')] : errors
}
