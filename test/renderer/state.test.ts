import { describe, expect, it } from 'vitest'
import type { ContainerStatus, Deployment, Event, Node, Pod, Service } from '../../src-main/kinds/generated/types.ts'
import { nodeSentence, nodeState } from '../../src-renderer/state/node.ts'
import { podSteps } from '../../src-renderer/state/pod-steps.ts'
import { podAttention, podSentence, podState } from '../../src-renderer/state/pod.ts'
import { serviceAttention, serviceState, spread } from '../../src-renderer/state/service.ts'
import { workloadSentence, workloadState, workloadStateWith } from '../../src-renderer/state/workload.ts'

const created = '2026-01-01T00:00:00Z'
const container = (state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'web', image: 'nginx:1.29', imageID: '', ready: false, restartCount: 0, state, ...more,
})
const pod = (status: Pod['status'], more: { metadata?: Partial<Pod['metadata']>; node?: string } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'default', creationTimestamp: created, labels: { app: 'web' }, ...more.metadata },
  spec: { containers: [{ name: 'web', image: 'nginx:1.29' }], ...(more.node ? { nodeName: more.node } : {}) },
  status,
})
const ready = pod(
  { phase: 'Running', conditions: [{ type: 'PodScheduled', status: 'True' }, { type: 'Ready', status: 'True' }], containerStatuses: [container({ running: {} }, { ready: true, imageID: 'x' })] },
  { node: 'n1' },
)
const waitingFor = (reason: string, message?: string) => pod({ phase: 'Pending', containerStatuses: [container({ waiting: { reason, message } })] }, { node: 'n1' })
const unschedulable = pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' }] })

describe('how a pod is', () => {
  it.each<[string, Pod, string, string]>([
    ['ready', ready, 'ready', 'Running'],
    ['waiting for a node', unschedulable, 'attention', 'Pending'],
    ['creating', waitingFor('ContainerCreating'), 'working', 'ContainerCreating'],
    ['without its image', waitingFor('ImagePullBackOff'), 'failed', 'ImagePullBackOff'],
    ['crashing', pod({ phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })] }), 'failed', 'CrashLoopBackOff'],
    ['running, not ready', pod({ phase: 'Running', containerStatuses: [container({ running: {} })] }), 'attention', 'Running'],
    ['completed', pod({ phase: 'Succeeded', containerStatuses: [container({ terminated: { exitCode: 0, reason: 'Completed' } })] }), 'ended', 'Completed'],
    ['failed', pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, reason: 'Error' } })] }), 'failed', 'Error'],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'failed', 'Evicted'],
    ['terminating', { ...ready, metadata: { ...ready.metadata, deletionTimestamp: created } }, 'working', 'Terminating'],
  ])('%s', (_title, given, mark, word) => expect(podState(given)).toEqual({ mark, word }))
})

describe('why a pod waits', () => {
  it('quotes the scheduler', () => {
    expect(podAttention(unschedulable)[0]).toMatchObject({ mark: 'attention', what: 'No node can take this pod: 0/1 nodes are available: 1 Insufficient cpu.' })
  })

  it('names the image that could not be pulled, says what to do, and keeps the raw message', () => {
    const [found] = podAttention(waitingFor('ErrImagePull', 'pull access denied'))
    expect(found?.what).toBe('The image nginx:1.29 of container web could not be pulled.')
    expect(found?.todo).toContain('IfNotPresent')
    expect(found?.raw).toBe('pull access denied')
  })

  it('tells how a crashing container ended', () => {
    const crashing = pod({ phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })] })
    expect(podAttention(crashing)[0]?.what).toContain('3 restarts')
    expect(podAttention(crashing)[0]?.what).toContain('exit code 137 (OOMKilled)')
  })

  it('is silent about a pod that is well or just being created', () => {
    expect(podAttention(ready)).toEqual([])
    expect(podAttention(waitingFor('ContainerCreating'))).toEqual([])
  })
})

describe('a pod in one sentence', () => {
  it.each<[string, Pod]>([
    ['Running and ready on n1.', ready],
    ['Waiting for a node.', unschedulable],
    ['Starting on n1.', waitingFor('ContainerCreating')],
    ['On n1: ErrImagePull.', waitingFor('ErrImagePull')],
  ])('%s', (sentence, given) => expect(podSentence(given)).toBe(sentence))
})

describe('the steps of a pod', () => {
  const event = (reason: string, message = ''): Event => ({ apiVersion: 'v1', kind: 'Event', metadata: {}, involvedObject: {}, reason, message, lastTimestamp: created })
  const marks = (given: Pod, events: Event[] = []) => podSteps(given, events).map((s) => s.mark)

  it('are all done when it is ready', () => expect(marks(ready)).toEqual(['ready', 'ready', 'ready', 'ready', 'ready']))
  it('stop at the node while none takes it', () => expect(marks(unschedulable)).toEqual(['ready', 'attention', 'unknown', 'unknown', 'unknown']))
  it('stop at the image when it cannot be pulled', () => expect(marks(waitingFor('ErrImagePull'))).toEqual(['ready', 'ready', 'failed', 'unknown', 'unknown']))
  it('say how long the pull took', () => {
    const steps = podSteps(waitingFor('ContainerCreating'), [event('Pulling'), event('Pulled', 'Successfully pulled image "nginx" in 1.25s (1.25s including waiting).')])
    expect(steps[2]).toMatchObject({ name: 'Image', mark: 'ready', detail: '1.25s' })
  })
})

describe('how a workload is', () => {
  const deployment = (replicas: number, status: Deployment['status']): Deployment => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', generation: 2, creationTimestamp: created },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: {} }, status,
  })
  const full = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3 }

  it('is ready only when the newest wish was observed, rolled out and is ready', () => {
    expect(workloadState(deployment(3, full)).word).toBe('Ready')
    expect(workloadState(deployment(3, { ...full, observedGeneration: 1 })).mark).toBe('working')
    expect(workloadState(deployment(3, { ...full, updatedReplicas: 1 })).word).toBe('Rolling')
    expect(workloadState(deployment(3, { ...full, replicas: 5 })).word).toBe('Scaling down')
    expect(workloadState(deployment(0, { observedGeneration: 2 })).word).toBe('Scaled to 0')
  })

  it('fails with its pods', () => {
    const starting = deployment(1, { observedGeneration: 2, replicas: 1 })
    expect(workloadStateWith(starting, []).mark).toBe('working')
    expect(workloadStateWith(starting, [waitingFor('ErrImagePull')])).toEqual({ mark: 'failed', word: 'Pods failing' })
    expect(workloadStateWith(starting, [unschedulable])).toEqual({ mark: 'attention', word: 'Pods waiting' })
  })

  it('is a sentence', () => {
    const rolled = deployment(3, { ...full, conditions: [{ type: 'Progressing', status: 'True', lastUpdateTime: created }] })
    expect(workloadSentence(rolled, Date.parse(created) + 120_000)).toBe('3 of 3 pods ready, rolled out 2 minutes ago.')
  })
})

describe('services and nodes', () => {
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }

  it('a service without pods needs attention, with one ready pod it is well', () => {
    expect(serviceState(service, []).mark).toBe('attention')
    expect(serviceAttention(service, [], undefined)[0]?.what).toContain('app=web')
    expect(serviceState(service, [unschedulable]).mark).toBe('working')
    expect(serviceState(service, [ready])).toEqual({ mark: 'ready', word: '1 ready' })
  })

  it('counts connections since a run began, and from zero when a proxy restarted', () => {
    const endpoint = (address: string, connections: number) => ({ address, connections, ready: true, active: 0, failures: 0, bytesReceived: 0, bytesSent: 0 })
    const rows = spread([endpoint('a', 15), endpoint('b', 5)], new Map([['a', 10], ['b', 90]]))
    expect(rows.map((r) => [r.since, r.share])).toEqual([[5, 0.5], [5, 0.5]])
  })

  it('a simulated node says so in its sentence', () => {
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'sim', labels: { 'wheelhouse.dev/simulated': 'true' } }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    expect(nodeState(node).mark).toBe('ready')
    expect(nodeSentence(node, 2)).toContain('Simulated')
  })
})
