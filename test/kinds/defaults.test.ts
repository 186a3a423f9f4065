import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { namespace, type Namespace } from '../../src-main/kinds/core/namespace.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { prepared } from './prepared.ts'

const cases: ReadonlyArray<{ title: string; kind: AnyKind; given: string; expected: object }> = [
  {
    title: 'a pod', kind: pod, given: 'spec: {containers: [{name: a, image: busybox}]}',
    expected: { spec: {
      restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, schedulerName: 'default-scheduler',
      securityContext: {}, enableServiceLinks: true,
      containers: [{ name: 'a', image: 'busybox', imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {} }],
    } },
  },
  {
    title: 'images by tag', kind: pod,
    given: 'spec: {containers: [{name: a, image: "r:5000/a"}, {name: b, image: "r:5000/a:latest"}, {name: c, image: "a:1"}, {name: d, image: "a@sha256:0"}]}',
    expected: { spec: { containers: [{ imagePullPolicy: 'Always' }, { imagePullPolicy: 'Always' }, { imagePullPolicy: 'IfNotPresent' }, { imagePullPolicy: 'IfNotPresent' }] } },
  },
  {
    title: 'requests of a pod from its limits', kind: pod,
    given: 'spec: {containers: [{name: a, image: a, resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}}]}',
    expected: { spec: { containers: [{ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } } }] } },
  },
  {
    title: 'probes and ports', kind: pod,
    given: 'spec: {hostNetwork: true, containers: [{name: a, image: a, ports: [{containerPort: 80}], readinessProbe: {httpGet: {port: 80}}}]}',
    expected: { spec: { containers: [{
      ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }],
      readinessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
    }] } },
  },
  {
    title: 'volumes', kind: pod,
    given: 'spec: {containers: [{name: a, image: a}], volumes: [{name: v}, {name: c, configMap: {name: x}}, {name: h, hostPath: {path: /x}}, {name: s, secret: {secretName: s, defaultMode: 256}}]}',
    expected: { spec: { volumes: [
      { name: 'v', emptyDir: {} }, { name: 'c', configMap: { name: 'x', defaultMode: 420 } }, { name: 'h', hostPath: { path: '/x', type: '' } }, { name: 's', secret: { secretName: 's', defaultMode: 256 } },
    ] } },
  },
  {
    title: 'a deployment', kind: deployment, given: 'spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a:1}]}}}',
    expected: { spec: {
      replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
    } },
  },
  {
    title: 'half a strategy', kind: deployment, given: 'spec: {replicas: 0, strategy: {rollingUpdate: {maxSurge: 1}}}',
    expected: { spec: { replicas: 0, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: 1 } } } },
  },
  { title: 'a recreating deployment', kind: deployment, given: 'spec: {strategy: {type: Recreate}}', expected: { spec: { strategy: { type: 'Recreate' } } } },
  { title: 'a replica set', kind: replicaSet, given: 'spec: {}', expected: { spec: { replicas: 1 } } },
  {
    title: 'a replication controller from its template', kind: replicationController, given: 'spec: {template: {metadata: {labels: {a: b}}}}',
    expected: { metadata: { labels: { a: 'b' } }, spec: { replicas: 1, selector: { a: 'b' } } },
  },
  {
    title: 'a service', kind: service, given: 'spec: {ports: [{port: 80}]}',
    expected: { spec: {
      type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    } },
  },
  {
    title: 'a sticky service on the nodes', kind: service, given: 'spec: {type: NodePort, sessionAffinity: ClientIP, ports: [{port: 80, targetPort: http}]}',
    expected: { spec: { externalTrafficPolicy: 'Cluster', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } }, ports: [{ targetPort: 'http' }] } },
  },
  { title: 'a name outside', kind: service, given: 'spec: {type: ExternalName, externalName: a.b}', expected: { spec: { sessionAffinity: 'None' } } },
  { title: 'a secret', kind: secret, given: 'data: {a: aGk=, c: eA==}\nstringData: {b: hä, c: new}', expected: { type: 'Opaque', data: { a: 'aGk=', b: 'aMOk', c: 'bmV3' } } },
  { title: 'a namespace', kind: namespace, given: '{}', expected: { metadata: { labels: { 'kubernetes.io/metadata.name': 'web' } } } },
  { title: 'a node', kind: node, given: 'status: {capacity: {cpu: 2}}', expected: { status: { allocatable: { cpu: '2' } } } },
  { title: 'an event', kind: event, given: '{}', expected: { involvedObject: {}, source: {} } },
  { title: 'a slice', kind: endpointSlice, given: 'addressType: IPv4\nports: [{port: 80}]', expected: { ports: [{ name: '', port: 80, protocol: 'TCP' }] } },
]

describe('the defaults', () => {
  it.each(cases)('of $title', ({ kind, given, expected }) => {
    expect(prepared(kind, given)).toMatchObject(expected)
  })

  it('are not applied twice', () => {
    for (const { kind, given } of cases) {
      const once = prepared(kind, given)
      expect(prepared(kind, JSON.stringify(once)), kind.kind).toEqual(once)
    }
  })

  it('leave what belongs to pods out of templates', () => {
    const { spec } = prepared(deployment, cases[5]!.given) as ReturnType<typeof prepared> & { spec: { template: { spec: object } } }
    expect(spec.template.spec).not.toHaveProperty('enableServiceLinks')
  })

  it.each([
    ['BestEffort', '{}'],
    ['Burstable', '{requests: {cpu: 1}}'],
    ['Burstable', '{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}'],
    ['Burstable', '{limits: {cpu: 1}}'],
    ['Guaranteed', '{limits: {cpu: 1, memory: 1Gi}}'],
    ['Guaranteed', '{limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1000m, memory: 1024Mi}}'],
  ])('start a pod as Pending and %s with %s', (qosClass, resources) => {
    const object = prepared(pod, `spec: {containers: [{name: a, image: a, resources: ${resources}}]}`) as Pod
    pod.prepareCreate?.(object)
    expect(object.status).toEqual({ phase: 'Pending', qosClass })
  })

  it('start a namespace as Active, with its finalizer and the label of a generated name', () => {
    const object: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made-x1' } }
    namespace.prepareCreate?.(object)
    expect(object).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'made-x1' } }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } })
  })

  it.each([[undefined, 30], [0, 0], [5, 5], [-1, 1]])('give a pod with terminationGracePeriodSeconds %s a grace of %s s', (given, expected) => {
    const object = { spec: { terminationGracePeriodSeconds: given } } as Pod
    expect(pod.gracePeriodSeconds?.(object)).toBe(expected)
  })
})
