import { describe, expect, it } from 'vitest'
import { horizontalPodAutoscaler, type HorizontalPodAutoscaler } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import { podDisruptionBudget, type PodDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { validateObject } from '../../src-main/kinds/structure.ts'
import { briefly, changed, mistakes, prepared } from './prepared.ts'

type Row = [change: string, ...errors: string[]]

describe('a HorizontalPodAutoscaler', () => {
  const right = '{ spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: d }, maxReplicas: 3 } }'
  const ungrouped = 'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'

  it('is right as it is', () => {
    expect(mistakes(horizontalPodAutoscaler, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: null',
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      ungrouped],
    ['spec: { scaleTargetRef: null, maxReplicas: null }',
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      ungrouped],
    ['spec: { maxReplicas: -1 }',
      'spec.maxReplicas: Invalid value: -1: must be greater than 0',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`'],
    ['spec: { scaleTargetRef: { apiVersion: v1 } }',
      'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group'],
    ['spec: { scaleTargetRef: { apiVersion: a/b/c } }',
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ['spec: { maxReplicas: 0 }',
      'spec.maxReplicas: Required value: must be set and greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`'],
    ['spec: { minReplicas: 0 }',
      'spec.minReplicas: Invalid value: 0: must be greater than or equal to 1',
      'spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas'],
    ['spec: { minReplicas: 5 }',
      'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
    ['spec: { minReplicas: -1 }',
      'spec.minReplicas: Invalid value: -1: must be greater than or equal to 1'],
    ['spec: { scaleTargetRef: { apiVersion: null, kind: null, name: null } }',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      ungrouped],
    ['spec: { scaleTargetRef: { apiVersion: null, kind: a/b, name: c/d } }',
      `spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain '/'`,
      `spec.scaleTargetRef.name: Invalid value: "c/d": may not contain '/'`,
      ungrouped],
    ['spec: { metrics: [{}] }',
      'spec.metrics[0].type: Required value: must specify a metric source type',
      'spec.metrics[0].type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      'spec.metrics[0].type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'],
    ['spec: { metrics: [{ type: Bad }] }',
      'spec.metrics[0].type: Unsupported value: "Bad": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
      'spec.metrics[0].type: Unsupported value: "Bad": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'],
    ['spec: { metrics: [{ type: Resource }] }',
      'spec.metrics[0].resource: Required value: must populate information for the given metric source'],
    ['spec: { metrics: [{ type: Resource, resource: {} }] }',
      'spec.metrics[0].resource.name: Required value: must specify a resource name',
      'spec.metrics[0].resource.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: {} } }] }',
      'spec.metrics[0].resource.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: Bad } } }] }',
      'spec.metrics[0].resource.target.type: Invalid value: "Bad": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization } } }] }',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 0 } } }] }',
      'spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 50, averageValue: "1" } } }] }',
      'spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: AverageValue, averageValue: "0" } } }] }',
      'spec.metrics[0].resource.target.averageValue: Invalid value: "0": must be positive'],
    ['spec: { metrics: [{ type: Resource, resource: { name: cpu, target: { type: Value, value: "1" } } }] }',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: Resource, resource: { name: "", target: { type: Utilization, averageUtilization: 1 } } }] }',
      'spec.metrics[0].resource.name: Required value: must specify a resource name'],
    ['spec: { metrics: [{ type: Resource, pods: { metric: { name: x }, target: { type: AverageValue, averageValue: "1" } } }] }',
      'spec.metrics[0].resource: Required value: must populate information for the given metric source'],
    ['spec: { metrics: [{ type: Pods, pods: {} }] }',
      'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].pods.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue'],
    ['spec: { metrics: [{ type: Pods, pods: { metric: { name: a/b }, target: { type: AverageValue, averageValue: "1" } } }] }',
      `spec.metrics[0].pods.metric.name: Invalid value: "a/b": may not contain '/'`],
    ['spec: { metrics: [{ type: Pods, pods: { metric: { name: ab }, target: { type: Value, value: "1" } } }] }',
      'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue'],
    ['spec: { metrics: [{ type: Object, object: {} }] }',
      'spec.metrics[0].object.describedObject.kind: Required value',
      'spec.metrics[0].object.describedObject.name: Required value',
      'spec.metrics[0].object.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].object.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].object.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue'],
    ['spec: { metrics: [{ type: Object, object: { describedObject: { kind: K, name: n }, metric: { name: m }, target: { type: Utilization, averageUtilization: 5 } } }] }',
      'spec.metrics[0].object.target.averageValue: Required value: must set either a target value or averageValue'],
    ['spec: { metrics: [{ type: Object, object: { describedObject: { kind: K, name: n }, metric: { name: m }, target: { type: Value, value: "-5" } } }] }',
      'spec.metrics[0].object.target.value: Invalid value: "-5": must be positive'],
    ['spec: { metrics: [{ type: External, external: {} }] }',
      'spec.metrics[0].external.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].external.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].external.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target'],
    ['spec: { metrics: [{ type: External, external: { metric: { name: a }, target: { type: Value } } }] }',
      'spec.metrics[0].external.target.averageValue: Required value: must set either a target value for metric or a per-pod target'],
    ['spec: { metrics: [{ type: External, external: { metric: { name: a }, target: { type: Value, value: "1", averageValue: "2" } } }] }',
      'spec.metrics[0].external.target.value: Forbidden: may not set both a target value for metric and a per-pod target'],
    ['spec: { metrics: [{ type: ContainerResource, containerResource: {} }] }',
      'spec.metrics[0].containerResource.name: Required value: must specify a resource name',
      'spec.metrics[0].containerResource.container: Required value: must specify a container',
      'spec.metrics[0].containerResource.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].containerResource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].containerResource.target.averageUtilization: Required value: must set either a target raw value or a target utilization'],
    ['spec: { metrics: [{ type: ContainerResource, containerResource: { name: cpu, container: Bad_, target: { type: Utilization, averageUtilization: 5 } } }] }',
      `spec.metrics[0].containerResource.container: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['spec: { behavior: { scaleUp: { stabilizationWindowSeconds: -1 } } }',
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero'],
    ['spec: { behavior: { scaleUp: { stabilizationWindowSeconds: 3601 } } }',
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600'],
    ['spec: { behavior: { scaleDown: { selectPolicy: Bad } } }',
      'spec.behavior.scaleDown.selectPolicy: Unsupported value: "Bad": supported values: "Disabled", "Max", "Min"'],
    ['spec: { behavior: { scaleUp: { policies: [] } } }',
      'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy'],
    ['spec: { behavior: { scaleDown: { policies: [{}] } } }',
      'spec.behavior.scaleDown.policies[0].type: Unsupported value: "": supported values: "Percent", "Pods"',
      'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero'],
    ['spec: { behavior: { scaleDown: { policies: [{ type: Bad, value: 0, periodSeconds: 0 }] } } }',
      'spec.behavior.scaleDown.policies[0].type: Unsupported value: "Bad": supported values: "Percent", "Pods"',
      'spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero',
      'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero'],
    ['spec: { behavior: { scaleDown: { policies: [{ type: Pods, value: 1, periodSeconds: 1801 }] } } }',
      'spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800'],
    ['spec: { behavior: { scaleUp: { tolerance: "-0.1" } } }',
      'spec.behavior.scaleUp.tolerance: Invalid value: "-100m": must be greater than or equal to 0'],
    ['spec: { metrics: [{ type: ContainerResource, containerResource: { name: foo, container: c, target: { type: Utilization, averageUtilization: 5 } } }] }',
      'spec.metrics[0].containerResource.name: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.metrics[0].containerResource.name: Invalid value: "foo": must be a standard resource for containers'],
    ['spec: { metrics: [{ type: Object, object: { describedObject: { apiVersion: a/b/c, kind: Service, name: s }, metric: { name: n }, target: { type: Value, value: 1 } } }] }',
      'spec.metrics[0].object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(horizontalPodAutoscaler, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })

  it.each<Row>([
    ['spec: { scaleTargetRef: { apiVersion: null, kind: ReplicationController } }'],
    ['spec: { metrics: [{ type: Object, object: { describedObject: { kind: Service, name: s }, metric: { name: n }, target: { type: Value, value: 1 } } }] }'],
    ['spec: { metrics: [{ type: Pods, pods: { metric: { name: n, selector: { matchExpressions: [{ key: a, operator: Bad }] } }, target: { type: AverageValue, averageValue: 1 } } }] }'],
  ])('is right with %s', (change) => expect(mistakes(horizontalPodAutoscaler, changed(right, `{ ${change} }`))).toEqual([]))

  it('may keep a target without a group that it has, and an object’s version that was wrong', () => {
    const odd = changed(right, 'spec: { scaleTargetRef: { apiVersion: null }, metrics: [{ type: Object, object: { describedObject: { apiVersion: a/b/c, kind: Service, name: s }, metric: { name: n }, target: { type: Value, value: 1 } } }] }')
    const later = (change: string) => validateObject(horizontalPodAutoscaler, prepared(horizontalPodAutoscaler, changed(odd, change)), undefined, prepared(horizontalPodAutoscaler, odd)).map(({ field }) => field)
    expect(later('spec: { maxReplicas: 5, scaleTargetRef: { name: other } }')).toEqual([])
    expect(later('spec: { scaleTargetRef: { kind: Other } }')).toEqual(['spec.scaleTargetRef.apiVersion'])
  })

  it('counts no fewer than none', () => {
    const object = prepared(horizontalPodAutoscaler, changed(right, 'status: { currentReplicas: -1, desiredReplicas: -1 }')) as HorizontalPodAutoscaler
    expect(horizontalPodAutoscaler.validatePart?.('status', object, object, new FieldPath()).map(({ field }) => field)).toEqual(['status.currentReplicas', 'status.desiredReplicas'])
  })
})

describe('a PodDisruptionBudget', () => {
  const right = '{ spec: { minAvailable: 1, selector: { matchLabels: { a: b } } } }'

  it('is right as it is', () => {
    expect(mistakes(podDisruptionBudget, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { maxUnavailable: 1 }',
      'spec: Invalid value: {"MinAvailable":1,"Selector":{"matchLabels":{"a":"b"}},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'],
    ['spec: { minAvailable: -1 }',
      'spec.minAvailable: Invalid value: -1: must be greater than or equal to 0'],
    ['spec: { minAvailable: "101%" }',
      'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
    ['spec: { minAvailable: x }',
      `spec.minAvailable: Invalid value: "x": a valid percent string must be a numeric string followed by an ending '%'`],
    ['spec: { minAvailable: null, maxUnavailable: -1 }',
      'spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0'],
    ['spec: { minAvailable: null, maxUnavailable: "200%" }',
      'spec.maxUnavailable: Invalid value: "200%": must not be greater than 100%'],
    ['spec: { selector: { matchLabels: { a: null, "bad key": a } } }',
      `spec.selector.matchLabels: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { selector: { matchLabels: null, matchExpressions: [{ key: a, operator: Bad }] } }',
      'spec.selector.matchExpressions[0].operator: Invalid value: "Bad": not a valid selector operator'],
    ['spec: { minAvailable: "10" }',
      `spec.minAvailable: Invalid value: "10": a valid percent string must be a numeric string followed by an ending '%'`],
    ['spec: { unhealthyPodEvictionPolicy: Never }',
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ['metadata: { name: a%b }',
      `metadata.name: Invalid value: "a%b": may not contain '%'`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(podDisruptionBudget, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })

  it('may have any name that a URL can say', () => expect(mistakes(podDisruptionBudget, changed(right, 'metadata: { name: Web_1 }'))).toEqual([]))

  it.each<Row>([
    ['{ disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1 }',
      ...['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'].map((name) => `status.${name}: Invalid value: -1: must be greater than or equal to 0`)],
    ['{ conditions: [{ type: a, status: "True", reason: R, message: m, lastTransitionTime: "2026-01-01T00:00:00Z" }, { type: a, status: Maybe, reason: "-", message: m, lastTransitionTime: "2026-01-01T00:00:00Z" }] }',
      'status.conditions[1].type: Duplicate value: "a"',
      'status.conditions[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      `status.conditions[1].reason: Invalid value: "-": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'`],
    ['{ conditions: [{ type: a, status: "True" }] }',
      'status.conditions[0].lastTransitionTime: Required value',
      'status.conditions[0].reason: Required value'],
  ])('is refused the status %s', (status, ...errors) => {
    const budget = prepared(podDisruptionBudget, changed(right, `status: ${status}`)) as PodDisruptionBudget
    expect(podDisruptionBudget.validatePart?.('status', budget, budget, new FieldPath()).map(({ field, message }) => briefly(`${field}: ${message}`))).toEqual(errors)
  })
})
