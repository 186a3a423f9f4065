import { expect, it } from 'vitest'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { mistakes, updateMistakes } from './prepared.ts'

const ofScopes =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

it.each<[string, ...string[]]>([
  ['hard: { pods: "3", requests.cpu: 500m, count/widgets.example.com: "2", requests.example.com/gpu: "1" }'],
  ['hard: { widgets: "1" }', 'spec.hard[widgets]: Invalid value: "widgets": must be a standard resource type or fully qualified', 'spec.hard[widgets]: Invalid value: "widgets": must be a standard resource for quota'],
  ['hard: { pods: "-1" }', 'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
  ['hard: { pods: 500m }', 'spec.hard[pods]: Invalid value: "500m": must be an integer'],
  ['{ hard: { services: "1" }, scopes: [Terminating] }', 'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
  ['{ hard: { pods: "1" }, scopes: [BestEffort, NotBestEffort] }', 'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  [
    '{ scopeSelector: { matchExpressions: [{ scopeName: BestEffort, operator: DoesNotExist }, { scopeName: PriorityClass, operator: In }] } }',
    `spec.scopeSelector.matchExpressions.operator: Invalid value: "DoesNotExist": ${ofScopes}`,
    "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
])('a ResourceQuota with %s', (spec, ...errors) => {
  const flow = spec.startsWith('{') ? spec : `{ ${spec} }`
  expect(mistakes(resourceQuota, `spec: ${flow}`)).toEqual(errors)
})

it('a LimitRange bounds each type by what that type has', () => {
  expect(mistakes(limitRange, 'spec: { limits: [{ type: Pod, default: { cpu: "1" } }, { type: PersistentVolumeClaim, max: { cpu: "1" } }, { type: Container, maxLimitRequestRatio: { cpu: 500m } }] }')).toEqual([
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
    'spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
    'spec.limits[2].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
  ])
})

it('a RuntimeClass says what makes sense to its pods', () => {
  expect(mistakes(runtimeClass, 'handler: vm\noverhead: { podFixed: { cpu: "-1" } }\nscheduling: { nodeSelector: { a: b }, tolerations: [{ operator: Exists, value: x, key: k }] }')).toEqual([
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    "scheduling.tolerations.tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
  ])
})

it('a StorageClass has a provisioner and a policy that exist, and keeps them', () => {
  expect(mistakes(storageClass, 'provisioner: a b\nreclaimPolicy: Recycle')).toEqual([
    expect.stringContaining('provisioner: Invalid value: "a b": name part must consist of'),
    'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
  ])
  const topologies = (zone: string) => `provisioner: disk\nallowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: [${zone}] }] }]`
  expect(updateMistakes(storageClass, topologies('a'), topologies('b'))).toEqual([])
})
