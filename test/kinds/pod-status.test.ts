import { expect, it } from 'vitest'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import type { Pod } from '../../src-main/kinds/generated/types.ts'
import { briefly, changed, prepared } from './prepared.ts'

const spec = (fields: string, ofContainer = ''): string => `spec: {containers: [{name: a, image: a, ${ofContainer}}], ${fields}}`
const status = (fields: string): string => `status: {${fields}}`
const ended = 'containerStatuses: [{name: a, image: a, imageID: a, ready: false, restartCount: 0, state: {terminated: {exitCode: 3}}}]'
const running = 'containerStatuses: [{name: a, image: a, imageID: a, ready: false, restartCount: 0, state: {running: {}}}]'
const devices = (fields: string): string => status(`containerStatuses: [{name: a, image: a, imageID: a, ready: false, restartCount: 0, allocatedResourcesStatus: [${fields}]}]`)
const user = (fields: string): string => status(`containerStatuses: [{name: a, image: a, imageID: a, ready: false, restartCount: 0, user: {linux: {${fields}}}}]`)
const extended = (mappings: string): string => status(`extendedResourceClaimStatus: {resourceClaimName: c, requestMappings: [${mappings}]}`)
const back = 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'
const rule = (operator: string, action = 'Restart'): string => `restartPolicy: Never, restartPolicyRules: [{action: ${action}, exitCodes: {operator: ${operator}, values: [3]}}]`
const label = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"

function mistakesOf(base: string, from: string, to: string): string[] {
  const [old, next] = [from, to].map((change) => prepared(pod, changed(changed(base, 'metadata: {labels: {a: b}}'), change)) as Pod)
  const errors = pod.validatePart?.('status', next!, old!, new FieldPath()) ?? []
  return errors.map(({ field, message }) => briefly(`${field}: ${message}`))
}

it.each<[base: string, from: string, to: string, ...errors: string[]]>([
  [spec('restartPolicy: Always'), status(ended), status(running)],
  [spec('restartPolicy: OnFailure'), status(ended), status(running)],
  [spec('restartPolicy: Never'), status(ended), status(running), back],
  [spec('restartPolicy: Never', rule('In')), status(ended), status(running)],
  [spec('restartPolicy: Always', rule('NotIn')), status(ended), status(running), back],
  [spec('restartPolicy: Never, initContainers: [{name: i, image: a, ' + rule('NotIn', 'RestartAllContainers') + '}]'), status(ended), status(running)],
  [spec(''), '{}', status('nominatedNodeName: n')],
  [spec(''), '{}', status('nominatedNodeName: N_'), "status.nominatedNodeName: Invalid value: \"N_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"],
  [spec('nodeName: n'), '{}', status('nominatedNodeName: n'), 'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  [spec('nodeName: n'), status('nominatedNodeName: n'), status('nominatedNodeName: n')],
  [spec(''), '{}', status('observedGeneration: -1'), 'status.observedGeneration: Invalid value: -1: must be a non-negative integer'],
  [spec(''), '{}', status('conditions: [{type: Ready, status: "True", observedGeneration: -1}]'), 'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer'],
  [spec(''), status('qosClass: BestEffort'), status('qosClass: Burstable'), 'status.qosClass: Invalid value: "Burstable": field is immutable'],
  [spec(''), '{}', user('uid: -1, gid: 1, supplementalGroups: [1, -2]'),
    'status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'status.containerStatuses[0].user.linux.supplementalGroups[1]: Invalid value: -2: must be between 0 and 2147483647, inclusive'],
  [spec('os: {name: windows}'), '{}', user('uid: 1, gid: 1'), 'status.containerStatuses[0].user.linux: Forbidden: cannot be set for a windows pod'],
  [spec('', 'resources: {limits: {a.b/c: 1}}'), '{}', devices('{name: a.b/c, resources: [{resourceID: x, health: Healthy}]}')],
  [spec('', 'resources: {limits: {a.b/c: 1}}'), '{}', devices('{name: a.b/d, resources: [{resourceID: x, health: Bad}, {resourceID: x, health: Unknown, message: ""}]}'),
    "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"a.b/d\": must match one of the container's resource requests",
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "Bad": supported values: "Healthy", "Unhealthy", "Unknown"',
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].message: Required value: must be non-empty if specified',
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "x"'],
  [spec(''), '{}', status('podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}]'), 'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
  [spec(''), '{}', status('hostIP: 10.0.0.1, hostIPs: [{ip: 10.0.0.2}]'), 'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
  [spec('', 'resources: {limits: {a.b/c: 1}}'), '{}', extended('{containerName: a, resourceName: a.b/c, requestName: r}')],
  [spec('', 'resources: {limits: {a.b/c: 1}}'), '{}', extended('{containerName: z, resourceName: a.b/c, requestName: R}'),
    'status.extendedResourceClaimStatus.requestMappings[0].containerName: Invalid value: "z": must match the name of an entry in spec.initContainers.name or spec.containers.name',
    `status.extendedResourceClaimStatus.requestName: Invalid value: "R": ${label}`],
  [spec(''), '{}', status('resourceClaimStatuses: [{name: x, resourceClaimName: c}]'), 'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`'],
])('%# a status of %s goes from %s to %s as far as Kubernetes lets it', (base, from, to, ...errors) => {
  expect(mistakesOf(base, from, to)).toEqual(errors)
})

it('keeps the generations that a status writer leaves out', () => {
  const conditions = (generation: string): string => status(`conditions: [{type: Ready, status: "True"${generation}}], observedGeneration: 4`)
  const [old, next] = [conditions(', observedGeneration: 3'), status('conditions: [{type: Ready, status: "False"}]')].map((fields) => prepared(pod, changed(spec(''), fields)) as Pod)
  pod.prepareUpdate?.(next!, old!, 0)
  expect(next!.status).toMatchObject({ observedGeneration: 4, conditions: [{ type: 'Ready', status: 'False', observedGeneration: 3 }] })
})

it('makes of a new pod what its labels, gates and annotations say', () => {
  const made = prepared(pod, `{metadata: {labels: {app: web, v: "2"}, annotations: {container.apparmor.security.beta.kubernetes.io/a: localhost/p}}, ${spec(`schedulingGates: [{name: g}],
    topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}, matchLabelKeys: [v, gone]}],
    affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone, labelSelector: {}, matchLabelKeys: [v], mismatchLabelKeys: [app]}]}}`)}}`) as Pod
  pod.prepareCreate?.(made)
  const again = structuredClone(made)
  pod.prepareCreate?.(again)
  expect(again).toEqual(made)
  expect(made.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })
  expect(made.spec?.topologySpreadConstraints?.[0]?.labelSelector).toEqual({ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'v', operator: 'In', values: ['2'] }] })
  expect(made.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector).toEqual({
    matchExpressions: [{ key: 'v', operator: 'In', values: ['2'] }, { key: 'app', operator: 'NotIn', values: ['web'] }],
  })
  expect(made.spec?.containers[0]?.securityContext?.appArmorProfile).toEqual({ type: 'Localhost', localhostProfile: 'p' })
})

it.each<[title: string, said: string, podIP: string | undefined, podIPs: string[] | undefined]>([
  ['its list alone', 'podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]', '10.0.0.1', ['10.0.0.1', 'fd00::1']],
  ['its first alone', 'podIP: 10.0.0.2', '10.0.0.2', ['10.0.0.2']],
  ['both alike', 'podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]', '10.0.0.1', ['10.0.0.1', 'fd00::1']],
  ['both, and not alike', 'podIP: 10.0.0.2, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]', '10.0.0.2', ['10.0.0.2']],
  ['neither', 'phase: Running', undefined, undefined],
])("has a pod's addresses in both places when a status says %s", (_title, said, podIP, podIPs) => {
  const made = prepared(pod, changed(spec('restartPolicy: Always'), status(said))) as Pod
  expect([made.status?.podIP, made.status?.podIPs?.map(({ ip }) => ip)]).toEqual([podIP, podIPs])
})
