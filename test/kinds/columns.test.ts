import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { showDuration } from '../../src-main/kinds/columns.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'

const created = '2026-01-01T00:00:00Z'
const now = Date.parse('2026-01-01T01:05:00Z')

/** The cells as `kubectl get` would show them, ages as they are. */
function row(kind: AnyKind, yaml: string, wide = false): Record<string, unknown> {
  const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', creationTimestamp: created }, ...(parse(yaml) as object) }
  const shown = (kind.columns ?? []).filter((column) => wide || !column.priority)
  return Object.fromEntries(shown.map((column) => [column.name, column.cell(object, now)]))
}

const running = (fields: string) => `{name: a, ready: true, state: {running: {}}, ${fields}}`
const two = 'spec: {containers: [{name: a}, {name: b}]}'
const withInit = 'spec: {containers: [{name: a}], initContainers: [{name: i}, {name: j}]}'
const withSidecar = 'spec: {containers: [{name: a}], initContainers: [{name: i, restartPolicy: Always}]}'

const pods: ReadonlyArray<[title: string, yaml: string, ready: string, status: string, restarts: number | string]> = [
  ['has not started', `${two}\nstatus: {phase: Pending}`, '0/2', 'Pending', 0],
  ['waits for gates', `${two}\nstatus: {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated}]}`, '0/2', 'SchedulingGated', 0],
  ['is being created', `${two}\nstatus: {phase: Pending, containerStatuses: [{name: a, state: {waiting: {reason: ContainerCreating}}}, {name: b, state: {waiting: {reason: ContainerCreating}}}]}`, '0/2', 'ContainerCreating', 0],
  ['runs', `${two}\nstatus: {phase: Running, containerStatuses: [${running('restartCount: 0')}, ${running('restartCount: 0')}]}`, '2/2', 'Running', 0],
  ['crashes', `${two}\nstatus: {phase: Running, containerStatuses: [{name: a, restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, finishedAt: "2026-01-01T01:00:00Z"}}}, ${running('restartCount: 0')}]}`, '1/2', 'CrashLoopBackOff', '3 (5m ago)'],
  ['failed', `${two}\nstatus: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 2, reason: Error}}}]}`, '0/2', 'Error', 0],
  ['failed without a reason', `${two}\nstatus: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 2}}}]}`, '0/2', 'ExitCode:2', 0],
  ['was killed', `${two}\nstatus: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 137, signal: 9}}}]}`, '0/2', 'Signal:9', 0],
  ['was evicted', `${two}\nstatus: {phase: Failed, reason: Evicted}`, '0/2', 'Evicted', 0],
  ['completed', `${two}\nstatus: {phase: Succeeded, containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}]}`, '0/2', 'Completed', 0],
  ['runs on with one container', `${two}\nstatus: {phase: Running, conditions: [{type: Ready, status: "False"}], containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}, ${running('restartCount: 0')}]}`, '1/2', 'NotReady', 0],
  ['failed in its second container', `${two}\nstatus: {phase: Failed, containerStatuses: [{name: a, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: b, state: {terminated: {exitCode: 1, reason: OOMKilled}}}]}`, '0/2', 'OOMKilled', 0],
  ['is being deleted', `metadata: {deletionTimestamp: "${created}"}\n${two}\nstatus: {phase: Running, containerStatuses: [${running('restartCount: 2')}]}`, '1/2', 'Terminating', 2],
  ['was lost with its node', `metadata: {deletionTimestamp: "${created}"}\n${two}\nstatus: {phase: Running, reason: NodeLost}`, '0/2', 'Unknown', 0],
  ['initialises', `${withInit}\nstatus: {phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, state: {running: {}}}]}`, '0/1', 'Init:1/2', 0],
  ['cannot initialise', `${withInit}\nstatus: {phase: Pending, initContainerStatuses: [{name: i, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}, {name: j, state: {waiting: {reason: PodInitializing}}}]}`, '0/1', 'Init:CrashLoopBackOff', 4],
  ['failed to initialise', `${withInit}\nstatus: {phase: Failed, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 3}}}]}`, '0/1', 'Init:ExitCode:3', 0],
  ['runs beside a sidecar', `${withSidecar}\nstatus: {phase: Running, initContainerStatuses: [${running('started: true, restartCount: 1')}], containerStatuses: [${running('restartCount: 0')}]}`.replace('{name: a, ready: true, state: {running: {}}, started', '{name: i, ready: true, state: {running: {}}, started'), '2/2', 'Running', 1],
]

describe('the columns', () => {
  it.each(pods)('of a pod that %s', (_, yaml, ready, status, restarts) => {
    expect(row(pod, yaml)).toMatchObject({ Ready: ready, Status: status, Restarts: String(restarts) })
  })

  it('of a pod, wide', () => {
    const yaml = 'spec: {nodeName: n, containers: [], readinessGates: [{conditionType: a}, {conditionType: b}]}\nstatus: {podIP: 10.0.0.1, conditions: [{type: a, status: "True"}]}'
    expect(row(pod, yaml, true)).toMatchObject({ IP: '10.0.0.1', Node: 'n', 'Nominated Node': '<none>', 'Readiness Gates': '1/2' })
    expect(row(pod, 'spec: {containers: []}', true)).toMatchObject({ IP: '<none>', Node: '<none>', 'Readiness Gates': '<none>' })
  })

  it.each<[AnyKind, string, object]>([
    [deployment, 'spec: {replicas: 3, selector: {matchLabels: {b: c, a: b}, matchExpressions: [{key: k, operator: In, values: [y, x]}]}, template: {spec: {containers: [{name: a, image: i}, {name: b, image: j}]}}}\nstatus: {readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1}',
      { Ready: '2/3', 'Up-to-date': 3, Available: 1, Age: created, Containers: 'a,b', Images: 'i,j', Selector: 'a=b,b=c,k in (x,y)' }],
    [replicaSet, 'spec: {replicas: 0}', { Desired: 0, Current: 0, Ready: 0, Age: created, Containers: '', Images: '', Selector: '<none>' }],
    [service, 'spec: {type: NodePort, clusterIP: 10.96.0.9, selector: {a: b}, ports: [{port: 80, nodePort: 30080, protocol: TCP}, {port: 53, protocol: UDP}]}',
      { Type: 'NodePort', 'Cluster-IP': '10.96.0.9', 'External-IP': '<none>', 'Port(s)': '80:30080/TCP,53/UDP', Age: created, Selector: 'a=b' }],
    [service, 'spec: {type: LoadBalancer}', { Type: 'LoadBalancer', 'Cluster-IP': '<none>', 'External-IP': '<pending>', 'Port(s)': '<none>', Age: created, Selector: '<none>' }],
    [node, 'metadata: {labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/control-plane: ""}}\nspec: {unschedulable: true}\nstatus: {conditions: [{type: Ready, status: "True"}], nodeInfo: {kubeletVersion: v1, osImage: Linux}, addresses: [{type: InternalIP, address: 10.0.0.1}]}',
      { Status: 'Ready,SchedulingDisabled', Roles: 'control-plane,worker', Age: undefined, Version: 'v1', 'Internal-IP': '10.0.0.1', 'External-IP': '<none>', 'OS-Image': 'Linux', 'Kernel-Version': '<unknown>', 'Container-Runtime': '<unknown>' }],
    [configMap, 'data: {a: b, c: d}\nbinaryData: {e: aGk=}', { Data: 3, Age: created }],
    [endpoints, 'subsets: [{addresses: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], ports: [{port: 80}, {port: 81}]}]', { Endpoints: '10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...', Age: created }],
    [endpointSlice, 'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]', { AddressType: 'IPv4', Ports: '<unset>', Endpoints: '10.0.0.1', Age: created }],
    [lease, 'spec: {holderIdentity: n1}', { Holder: 'n1', Age: created }],
    [event, 'metadata: {name: e}\ninvolvedObject: {kind: Pod, name: web}\ntype: Warning\nreason: BackOff\nmessage: " again "\ncount: 4\nlastTimestamp: 2026-01-01T01:00:00Z\nfirstTimestamp: 2026-01-01T00:00:00Z\nsource: {component: kubelet, host: n}',
      { 'Last Seen': '2026-01-01T01:00:00Z', Type: 'Warning', Reason: 'BackOff', Object: 'pod/web', Subobject: '', Source: 'kubelet, n', Message: 'again', 'First Seen': '65m', Count: 4, Name: 'e' }],
  ])('of a $kind are what kubectl users know', (kind, yaml, expected) => {
    expect(row(kind, yaml, true)).toEqual(expected)
  })

  it('survive an object with nothing but its name', () => {
    const bare = kinds.filter((kind) => kind.kind !== 'Event')
    for (const kind of bare) expect(() => row(kind, '{}', true), kind.kind).not.toThrow()
  })

  it.each([
    [-5, '<invalid>'], [0, '0s'], [119, '119s'], [120, '2m'], [125, '2m5s'], [600, '10m'], [10_799, '179m'], [10_800, '3h'], [12_000, '3h20m'],
    [28_800, '8h'], [172_799, '47h'], [172_800, '2d'], [180_000, '2d2h'], [691_200, '8d'], [63_072_000, '2y'], [63_200_000, '2y1d'],
  ])('show %s seconds as %s', (seconds, expected) => {
    expect(showDuration(seconds * 1000)).toBe(expected)
  })
})
