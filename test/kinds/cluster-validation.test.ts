import { describe, expect, it } from 'vitest'
import { controllerRevision } from '../../src-main/kinds/apps/controller-revision.ts'
import { lease, type Lease } from '../../src-main/kinds/coordination/lease.ts'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { clusterRoleBinding } from '../../src-main/kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../src-main/kinds/rbac/role-binding.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { priorityClass } from '../../src-main/kinds/scheduling/priority-class.ts'
import { briefly, changed, mistakes, prepared } from './prepared.ts'

type Row = [change: string, ...errors: string[]]

const old = 'scheduler.alpha.kubernetes.io'

describe('a Namespace', () => {
  const right = '{}'

  it('is right as it is', () => {
    expect(mistakes(namespace, right)).toEqual([])
  })

  it.each<Row>([
    ['metadata: { name: a.b }',
      'metadata.name: Invalid value: "a.b": must not contain dots'],
    ['metadata: { name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }',
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
      'metadata.labels: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 bytes'],
    ['spec: { finalizers: [bad] }',
      'spec.finalizers: Invalid value: "bad": name is neither a standard finalizer name nor is it fully qualified'],
    ['spec: { finalizers: ["bad finalizer!"] }',
      `spec.finalizers: Invalid value: "bad finalizer!": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.finalizers: Invalid value: "bad finalizer!": name is neither a standard finalizer name nor is it fully qualified'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(namespace, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a Node', () => {
  const right = '{ spec: {} }'

  it('is right as it is', () => {
    expect(mistakes(node, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { podCIDR: x, podCIDRs: [x] }',
      'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['spec: { podCIDRs: ["10.0.0.0/24", "10.1.0.0/24"] }',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one CIDR for each IP family'],
    ['spec: { podCIDRs: ["10.0.0.0/24", "fd00::/64", "fd01::/64"] }',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","fd00::/64","fd01::/64"]: may specify no more than one CIDR for each IP family'],
    ['spec: { podCIDRs: ["10.0.0.0/24", "10.0.0.0/24"] }',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.0.0/24"]: may specify no more than one CIDR for each IP family'],
    ['spec: { podCIDRs: ["10.0.0.0/24", x] }',
      'spec.podCIDRs[1]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[1]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","x"]: may specify no more than one CIDR for each IP family'],
    [`metadata: { annotations: { "${old}/taints": '[{"key":"a","effect":"Maybe"}]' } }`,
      `metadata.annotations.${old}/taints[0].effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`],
    [`metadata: { annotations: { "${old}/taints": '{}' } }`,
      `metadata.annotations: Invalid value: "${old}/taints": json: cannot unmarshal object into Go value of type []v1.Taint`],
    [`metadata: { annotations: { "${old}/preferAvoidPods": '{' } }`,
      `metadata.annotations.AvoidPods: Invalid value: "${old}/preferAvoidPods": unexpected end of JSON input`],
    [`metadata: { annotations: { "${old}/preferAvoidPods": '{"preferAvoidPods":[{},{"podSignature":{"podController":{"controller":false}}},{"podSignature":{"podController":{"controller":true}}}]}' } }`,
      `metadata.annotations.${old}/preferAvoidPods[0].PodSignature: Required value`,
      `metadata.annotations.${old}/preferAvoidPods[1].PodSignature.PodController.Controller: Invalid value: false: must point to a controller`],
    ['spec: { taints: [{ key: a, effect: NoSchedule }, { key: a, effect: NoSchedule, value: b }] }',
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair'],
    ['spec: { taints: [{ key: "bad key", effect: NoSchedule }] }',
      `metadata.taints[0].key: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { taints: [{ key: a, effect: Bad }] }',
      'metadata.taints[0].effect: Unsupported value: "Bad": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
    ['spec: { taints: [{ key: a }] }',
      'metadata.taints[0].effect: Required value'],
    ['spec: { taints: [{ key: a, effect: NoSchedule, value: "bad value" }] }',
      `metadata.taints[0].value: Invalid value: "bad value": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { taints: [{ effect: NoSchedule }] }',
      'metadata.taints[0].key: Invalid value: "": name part must be non-empty',
      `metadata.taints[0].key: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['status: { capacity: { cpu: "-1" } }',
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0'],
    ['status: { capacity: { a.b/c: "0.5" } }',
      'status.capacity.a.b/c: Invalid value: "500m": must be an integer',
      'status.allocatable.a.b/c: Invalid value: "500m": must be an integer'],
    ['metadata: { name: A }',
      `metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(node, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a LimitRange', () => {
  const right = '{ spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" } }] } }'

  it('is right as it is', () => {
    expect(mistakes(limitRange, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { limits: [{ type: "", max: { cpu: "2" }, min: { cpu: "100m" } }] }',
      'spec.limits[0].type: Invalid value: "": name part must be non-empty',
      `spec.limits[0].type: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { limits: [{ max: { cpu: "2" }, min: { cpu: "100m" } }] }',
      'spec.limits[0].type: Invalid value: "": name part must be non-empty',
      `spec.limits[0].type: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { limits: [{ type: Bad, max: { cpu: "2" }, min: { cpu: "100m" } }] }',
      'spec.limits[0].type: Invalid value: "Bad": must be a standard limit type or fully qualified'],
    ['spec: { limits: [{ type: Container }, { type: Container }] }',
      'spec.limits[1].type: Duplicate value: "Container"'],
    ['spec: { limits: [{ type: Container }, { type: Container, max: { cpu: "2" }, min: { cpu: "3" } }] }',
      'spec.limits[1].type: Duplicate value: "Container"',
      'spec.limits[1].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
      'spec.limits[1].defaultRequest[cpu]: Invalid value: "2": min value 3 is greater than default request value 2',
      'spec.limits[1].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "3" } }] }',
      'spec.limits[0].min[cpu]: Invalid value: "3": min value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": min value 3 is greater than default request value 2',
      'spec.limits[0].default[cpu]: Invalid value: "3": min value 3 is greater than default value 2'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, default: { cpu: "3" } }] }',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 2',
      'spec.limits[0].default[cpu]: Invalid value: "2": default value 3 is greater than max value 2'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, defaultRequest: { cpu: "3" } }] }',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 2',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, default: { cpu: "50m" } }] }',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "50m": min value 100m is greater than default request value 50m',
      'spec.limits[0].default[cpu]: Invalid value: "100m": min value 100m is greater than default value 50m'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, defaultRequest: { cpu: "50m" } }] }',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "50m": min value 100m is greater than default request value 50m'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, default: { cpu: "1" }, defaultRequest: { cpu: "1500m" } }] }',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1500m": default request value 1500m is greater than default limit value 1'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "0.5" } }] }',
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'],
    ['spec: { limits: [{ type: Container, max: { cpu: "2" }, min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "100" } }] }',
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "100": ratio 100 is greater than max/min = 20.000000'],
    ['spec: { limits: [{ type: Pod, default: { cpu: "1" }, defaultRequest: { cpu: "1" } }] }',
      "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
      "spec.limits[0].defaultRequest: Forbidden: may not be specified when `type` is 'Pod'"],
    ['spec: { limits: [{ type: PersistentVolumeClaim }] }',
      'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided'],
    ['spec: { limits: [{ type: Container, max: { "bad res": "1" }, min: { cpu: "100m" } }] }',
      `spec.limits[0].max[bad res]: Invalid value: "bad res": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.limits[0].max[bad res]: Invalid value: "bad res": must be a standard resource for containers',
      `spec.limits[0].default[bad res]: Invalid value: "bad res": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.limits[0].default[bad res]: Invalid value: "bad res": must be a standard resource for containers',
      `spec.limits[0].defaultRequest[bad res]: Invalid value: "bad res": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.limits[0].defaultRequest[bad res]: Invalid value: "bad res": must be a standard resource for containers'],
    ['spec: { limits: [{ type: Container, max: { foo: "1" }, min: { cpu: "100m" } }] }',
      'spec.limits[0].max[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].max[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.limits[0].default[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].default[foo]: Invalid value: "foo": must be a standard resource for containers',
      'spec.limits[0].defaultRequest[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.limits[0].defaultRequest[foo]: Invalid value: "foo": must be a standard resource for containers'],
    ['spec: { limits: [{ type: Pod, max: { storage: "1" } }] }',
      'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(limitRange, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a ResourceQuota', () => {
  const right = '{ spec: { hard: { pods: "10" } } }'

  it('is right as it is', () => {
    expect(mistakes(resourceQuota, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { hard: { pods: null, foo: "1" } }',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota'],
    ['spec: { hard: { pods: null, "bad res": "1" } }',
      `spec.hard[bad res]: Invalid value: "bad res": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'spec.hard[bad res]: Invalid value: "bad res": must be a standard resource for quota'],
    ['spec: { hard: { pods: "-1" } }',
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0'],
    ['spec: { hard: { pods: "1.5" } }',
      'spec.hard[pods]: Invalid value: "1500m": must be an integer'],
    ['spec: { hard: { pods: null, count/widgets: "1.5" } }',
      'spec.hard[count/widgets]: Invalid value: "1500m": must be an integer'],
    ['spec: { scopes: [Bad] }',
      'spec.scopes: Invalid value: ["Bad"]: unsupported scope'],
    ['spec: { scopes: [BestEffort, NotBestEffort] }',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ['spec: { scopes: [Terminating, NotTerminating] }',
      'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes'],
    ['spec: { hard: { pods: null, cpu: "1" }, scopes: [BestEffort] }',
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ['spec: { hard: { pods: null, services: "1" }, scopes: [Terminating] }',
      'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ['spec: { scopeSelector: { matchExpressions: [{ scopeName: Bad, operator: In, values: [a] }] } }',
      'spec.scopeSelector.matchExpressions.scopeName: Invalid value: "Bad": unsupported scope'],
    ['spec: { scopeSelector: { matchExpressions: [{ scopeName: PriorityClass, operator: Bad, values: [a] }] } }',
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "Bad": not a valid selector operator'],
    ['spec: { scopeSelector: { matchExpressions: [{ scopeName: PriorityClass, operator: In }] } }',
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"],
    ['spec: { scopeSelector: { matchExpressions: [{ scopeName: PriorityClass, operator: Exists, values: [a] }] } }',
      "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"],
    ['spec: { scopeSelector: { matchExpressions: [{ scopeName: Terminating, operator: In, values: [a] }] } }',
      `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`],
    ['spec: { hard: { pods: null, services: "1" }, scopeSelector: { matchExpressions: [{ scopeName: PriorityClass, operator: Exists }] } }',
      'spec.scopeSelector.matchExpressions: Invalid value: {"MatchExpressions":[{"ScopeName":"PriorityClass","Operator":"Exists","Values":null}]}: unsupported scope applied to resource'],
    ['spec: { hard: { pods: null, limits.hugepages-2Mi: "1" } }',
      'spec.hard[limits.hugepages-2Mi]: Invalid value: "limits.hugepages-2Mi": must be a standard resource type or fully qualified',
      'spec.hard[limits.hugepages-2Mi]: Invalid value: "limits.hugepages-2Mi": must be a standard resource for quota'],
    ['spec: { hard: { pods: null, requests.foo: "1" } }',
      'spec.hard[requests.foo]: Invalid value: "requests.foo": must be a standard resource type or fully qualified',
      'spec.hard[requests.foo]: Invalid value: "requests.foo": must be a standard resource for quota'],
    ['spec: { hard: { pods: null, storage: "1" } }',
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota'],
    ['spec: { hard: { pods: null, limits.storage: "1" } }',
      'spec.hard[limits.storage]: Invalid value: "limits.storage": must be a standard resource type or fully qualified',
      'spec.hard[limits.storage]: Invalid value: "limits.storage": must be a standard resource for quota'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(resourceQuota, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a PriorityClass', () => {
  const right = '{ value: 10 }'

  it('is right as it is', () => {
    expect(mistakes(priorityClass, right)).toEqual([])
  })

  it.each<Row>([
    ['value: 2000000000',
      'value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ['metadata: { name: system-foo }',
      `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-foo is not a known system priority class`],
    ['metadata: { name: system-node-critical }',
      `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000`],
    ['metadata: { name: system-cluster-critical }, value: 2000000000, globalDefault: true',
      `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: globalDefault of system-cluster-critical PriorityClass must be false`],
    ['preemptionPolicy: ""',
      'preemptionPolicy: Required value'],
    ['preemptionPolicy: Bad',
      'preemptionPolicy: Unsupported value: "Bad": supported values: "PreemptLowerPriority", "Never"'],
    ['metadata: { name: Bad_ }',
      `metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(priorityClass, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a RuntimeClass', () => {
  const right = '{ handler: h }'

  it('is right as it is', () => {
    expect(mistakes(runtimeClass, right)).toEqual([])
  })

  it.each<Row>([
    ['handler: ""',
      `handler: Invalid value: "": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['handler: null',
      `handler: Invalid value: "": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['handler: Bad_',
      `handler: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['overhead: { podFixed: { cpu: "-1" } }',
      'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ['overhead: { podFixed: { "bad res": "1" } }',
      `overhead.limits[bad res]: Invalid value: "bad res": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
      'overhead.limits[bad res]: Invalid value: "bad res": must be a standard resource for containers'],
    ['scheduling: { nodeSelector: { "bad key": a } }',
      `scheduling.nodeSelector: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['scheduling: { tolerations: [{ key: a, operator: Exists, value: b }] }',
      "scheduling.tolerations.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'"],
    ['scheduling: { tolerations: [{ key: a, operator: Exists, effect: NoExecute }, { key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5 }] }',
      'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":5}'],
    ['scheduling: { tolerations: [{ operator: Equal }] }',
      'scheduling.tolerations.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"'],
    ['overhead: { podFixed: { foo: "1" } }',
      'overhead.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'overhead.limits[foo]: Invalid value: "foo": must be a standard resource for containers'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(runtimeClass, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a Role', () => {
  const right = '{ rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }] }'

  it('is right as it is', () => {
    expect(mistakes(role, right)).toEqual([])
  })

  it.each<Row>([
    ['rules: [{}]',
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource'],
    ['rules: [{ verbs: [get] }]',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource'],
    ['rules: [{ verbs: [get], nonResourceURLs: ["/x"] }]',
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
    ['rules: [{ verbs: [], apiGroups: [""], resources: [a] }]',
      'rules[0].verbs: Required value: verbs must contain at least one value'],
    ['rules: [{ verbs: [get], apiGroups: [""], resources: [] }]',
      'rules[0].resources: Required value: resource rules must supply at least one resource'],
    ['rules: [{ verbs: [get], apiGroups: [], resources: [a] }]',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group'],
    ['metadata: { name: a/b }',
      `metadata.name: Invalid value: "a/b": may not contain '/'`],
    ['metadata: { name: ".." }',
      `metadata.name: Invalid value: "..": may not be '..'`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(role, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a ClusterRole', () => {
  const right = '{ rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }] }'

  it('is right as it is', () => {
    expect(mistakes(clusterRole, right)).toEqual([])
  })

  it.each<Row>([
    ['rules: [{ verbs: [get], nonResourceURLs: ["/x"], resources: [a] }]',
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs'],
    ['rules: [{ verbs: [get], nonResourceURLs: ["/x"], apiGroups: [""] }]',
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs'],
    ['rules: [{}]',
      'rules[0].verbs: Required value: verbs must contain at least one value',
      'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'rules[0].resources: Required value: resource rules must supply at least one resource'],
    ['aggregationRule: {}',
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil'],
    ['aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: a, operator: Bad }] }] }',
      'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Bad": not a valid selector operator',
      'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(clusterRole, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a RoleBinding', () => {
  const right = '{ roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }, subjects: [{ kind: User, name: u }, { kind: ServiceAccount, name: s, namespace: n }, { kind: Group, name: g }] }'

  it('is right as it is', () => {
    expect(mistakes(roleBinding, right)).toEqual([])
  })

  it.each<Row>([
    ['roleRef: null',
      'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
      'roleRef.name: Required value'],
    ['roleRef: { apiGroup: null, kind: null, name: null }',
      'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
      'roleRef.name: Required value'],
    ['roleRef: { kind: Bad }',
      'roleRef.kind: Unsupported value: "Bad": supported values: "Role", "ClusterRole"'],
    ['roleRef: { name: "" }',
      'roleRef.name: Required value'],
    ['roleRef: { name: a/b }',
      `roleRef.name: Invalid value: "a/b": may not contain '/'`],
    ['roleRef: { apiGroup: x }',
      'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"'],
    ['subjects: [{}]',
      'subjects[0].name: Required value',
      'subjects[0].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"'],
    ['subjects: [{ kind: Bad, name: x }]',
      'subjects[0].kind: Unsupported value: "Bad": supported values: "ServiceAccount", "User", "Group"'],
    ['subjects: [{ kind: User }]',
      'subjects[0].name: Required value'],
    ['subjects: [{ kind: ServiceAccount, name: Bad_ }]',
      `subjects[0].name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['subjects: [{ kind: ServiceAccount, name: a, apiGroup: x }]',
      'subjects[0].apiGroup: Unsupported value: "x": supported values: ""'],
    ['subjects: [{ kind: User, name: x, apiGroup: y }]',
      'subjects[0].apiGroup: Unsupported value: "y": supported values: "rbac.authorization.k8s.io"'],
    ['subjects: [{ kind: Group, name: x, apiGroup: y }]',
      'subjects[0].apiGroup: Unsupported value: "y": supported values: "rbac.authorization.k8s.io"'],
    ['subjects: [{ kind: ServiceAccount }]',
      'subjects[0].name: Required value'],
    ['subjects: [{ kind: ServiceAccount, name: a }]'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(roleBinding, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a ClusterRoleBinding', () => {
  const right = '{ roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }, subjects: [{ kind: User, name: u }] }'

  it('is right as it is', () => {
    expect(mistakes(clusterRoleBinding, right)).toEqual([])
  })

  it.each<Row>([
    ['roleRef: { kind: Role }',
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
    ['subjects: [{ kind: ServiceAccount, name: a }]',
      'subjects[0].namespace: Required value'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(clusterRoleBinding, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a ControllerRevision', () => {
  const right = '{ data: { a: 1 }, revision: 1 }'

  it('is right as it is', () => {
    expect(mistakes(controllerRevision, right)).toEqual([])
  })

  it.each<Row>([
    ['data: null',
      'data: Required value: data is mandatory'],
    ['revision: -1',
      'revision: Invalid value: -1: must be greater than or equal to 0'],
    ['metadata: { name: Bad_ }',
      `metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(controllerRevision, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a Lease', () => {
  const right = '{ spec: { holderIdentity: a, leaseDurationSeconds: 10 } }'

  it('is right as it is', () => {
    expect(mistakes(lease, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { leaseDurationSeconds: 0 }',
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    ['spec: { leaseDurationSeconds: -1 }',
      'spec.leaseDurationSeconds: Invalid value: -1: must be greater than 0'],
    ['spec: { leaseTransitions: -1 }',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
    ['metadata: { name: Bad_ }',
      `metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(lease, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })

  it('says nothing of how a leader is chosen, which takes a feature that is off', () => {
    const [made, changedLater] = [prepared(lease, changed(right, 'spec: { strategy: OldestEmulationVersion, preferredHolder: b }')), prepared(lease, changed(right, 'spec: { strategy: a.b/c }'))] as Lease[]
    lease.prepareCreate?.(made!)
    lease.prepareUpdate?.(changedLater!, made!, 0)
    expect([made!.spec, changedLater!.spec]).toEqual([{ holderIdentity: 'a', leaseDurationSeconds: 10 }, { holderIdentity: 'a', leaseDurationSeconds: 10 }])
  })
})
