import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../src-main/kinds/generated/types.ts'
import { type ContainerMemory, planPod, restartDelay } from '../../src-main/kubelet/plan.ts'
import type { ObservedContainer, ObservedPod } from '../../src-main/kubelet/runtime.ts'
import { podStatus } from '../../src-main/kubelet/status.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const seconds = (n: number): number => n * 1000

const podOf = (spec: Partial<Pod['spec']> & object, more: Partial<Pod> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'main', image: 'a:1' }], ...spec }, ...more,
})
const container = (name: string, state: ObservedContainer['state'], more: Partial<ObservedContainer> = {}): ObservedContainer => ({
  id: `${name}-${more.attempt ?? 0}`, name, attempt: 0, state, image: 'a:1', imageId: 'i', createdAt: now, startedAt: now - seconds(5),
  ...(state === 'exited' ? { finishedAt: now, exitCode: 1 } : {}), ...more,
})
const observedOf = (containers: ObservedContainer[], running = true): ObservedPod => ({
  uid: 'u1', namespace: 'default', name: 'web', containers, sandbox: { id: 's0', attempt: 0, running, ip: '10.0.0.9', createdAt: now },
})

interface Case {
  pod?: Pod
  observed?: ObservedPod
  memory?: Record<string, ContainerMemory>
  at?: number
  terminating?: boolean
}

const input = ({ pod = podOf({}), observed, memory = {}, at = now, terminating = false }: Case) =>
  ({ pod, observed, memory: new Map(Object.entries(memory)), now: at, terminating })
const statusOf = (c: Case) => podStatus({ ...input(c), hostIp: '10.1.1.1', runtimeName: 'docker' })

/** A plan in short: `start main 1`. */
function short(c: Case): string[] {
  return planPod(input(c)).actions.map((action) => {
    switch (action.do) {
      case 'create-sandbox': return `sandbox ${action.attempt}${action.replaces ? ` for ${action.replaces}` : ''}`
      case 'start': return `start ${action.container.name} ${action.attempt}${action.replaces ? ` for ${action.replaces}` : ''}`
      case 'kill': return `kill ${action.target.id}: ${action.message}`
      case 'stop-sandbox': return `stop ${action.id}`
      case 'remove': return `remove ${action.id}`
      case 'resize': return `resize ${action.resizes.map(({ container: { name } }) => name).join()}`
    }
  })
}

const two: Container[] = [{ name: 'a', image: 'a:1' }, { name: 'b', image: 'a:1' }]

describe('a plan', () => {
  it('makes the sandbox and starts all containers of a new pod at once', () => {
    expect(short({ pod: podOf({ containers: two }) })).toEqual(['sandbox 0', 'start a 0', 'start b 0'])
  })

  it('runs init containers one after the other, and the rest only after them', () => {
    const pod = podOf({ initContainers: [{ name: 'i1', image: 'a:1' }, { name: 'i2', image: 'a:1' }] })
    expect(short({ pod })).toEqual(['sandbox 0', 'start i1 0'])
    const ended = (name: string) => container(name, 'exited', { exitCode: 0 })
    expect(short({ pod, observed: observedOf([container('i1', 'running')]) })).toEqual([])
    expect(short({ pod, observed: observedOf([ended('i1')]) })).toEqual(['start i2 0'])
    expect(short({ pod, observed: observedOf([ended('i1'), ended('i2')]) })).toEqual(['start main 0'])
  })

  it('goes on past an init container that restarts always, once it has started', () => {
    const sidecar: Container = { name: 'log', image: 'a:1', restartPolicy: 'Always', startupProbe: {} }
    const pod = podOf({ initContainers: [sidecar] })
    const observed = observedOf([container('log', 'running')])
    expect(short({ pod, observed })).toEqual([])
    expect(short({ pod, observed, memory: { log: { probes: { containerId: 'log-0', ready: true, started: true } } } })).toEqual(['start main 0'])
  })

  it('restarts by policy: Always in any case, OnFailure after a failure, Never not', () => {
    const ended = (exitCode: number) => observedOf([container('main', 'exited', { exitCode }), container('b', 'running')])
    const pod = (restartPolicy: 'Always' | 'OnFailure' | 'Never') => podOf({ restartPolicy, containers: [{ name: 'main', image: 'a:1' }, { name: 'b', image: 'a:1' }] })
    expect(short({ pod: pod('Always'), observed: ended(0) })).toEqual(['start main 1'])
    expect(short({ pod: pod('OnFailure'), observed: ended(0) })).toEqual([])
    expect(short({ pod: pod('OnFailure'), observed: ended(1) })).toEqual(['start main 1'])
    expect(short({ pod: pod('Never'), observed: ended(1) })).toEqual([])
  })

  it('runs a container again that was only ended for its resources, at once and whatever its end was', () => {
    const pod = podOf({ restartPolicy: 'OnFailure' })
    const observed = observedOf([container('main', 'exited', { attempt: 3, exitCode: 0, runsAgain: true })])
    expect(short({ pod, observed })).toEqual(['start main 4'])
    expect(statusOf({ pod, observed })).toMatchObject({
      phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } }, lastState: { terminated: { exitCode: 0 } } }],
    })
  })

  it('is not ready while a sidecar is not', () => {
    const pod = podOf({ initContainers: [{ name: 'side', image: 'a:1', restartPolicy: 'Always' }] })
    const conditionsWith = (side: ObservedContainer['state']) => statusOf({ pod, observed: observedOf([container('side', side), container('main', 'running')]) }).conditions
    expect(conditionsWith('running')).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
    expect(conditionsWith('exited')).toContainEqual(expect.objectContaining({ type: 'ContainersReady', status: 'False', message: 'containers with unready status: [side]' }))
    expect(statusOf({ pod, observed: observedOf([container('side', 'exited'), container('main', 'running')]) }).phase).toBe('Running')
  })

  it('gives a running container what its pod was granted, those that get less memory first, and waits after a failure', () => {
    const limit = (memory: string) => ({ limits: { memory } })
    const pod = podOf({ containers: [{ name: 'a', image: 'a:1', resources: limit('2Gi') }, { name: 'b', image: 'a:1', resources: limit('1Gi') }, { name: 'c', image: 'a:1', resources: limit('1Gi') }] })
    const observed = observedOf(['a', 'b', 'c'].map((name) => container(name, 'running')))
    const given = (name: string, memory: string): ContainerMemory => ({ given: { containerId: `${name}-0`, own: limit(memory) } })
    const memory = { a: given('a', '1Gi'), b: given('b', '2Gi'), c: given('c', '1024Mi') }
    expect(short({ pod, observed, memory })).toEqual(['resize b,a'])
    const failed = { ...memory, '': { resizeFailedAt: now } }
    expect(short({ pod, observed, memory: failed, at: now + seconds(9) })).toEqual([])
    expect(planPod(input({ pod, observed, memory: failed, at: now + seconds(9) })).wakeAt).toBe(now + seconds(10))
    expect(short({ pod, observed, memory: failed, at: now + seconds(10) })).toEqual(['resize b,a'])
  })

  it('says what the engine says a container has, where that is not what it was given', () => {
    const resources = { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '200m', memory: '1Gi' } }
    const pod = podOf({ containers: [{ name: 'main', image: 'a:1', resources }] })
    const memory = { main: { given: { containerId: 'main-0', own: resources } } }
    const told = (limits: ObservedContainer['limits']) => statusOf({ pod, memory, observed: observedOf([container('main', 'running', limits ? { limits } : {})]) }).containerStatuses?.[0]?.resources
    expect(told(undefined)).toEqual(resources)
    expect(told({ cpuShares: 102, cpuQuota: 20_000, memoryBytes: 2 ** 30 })).toEqual(resources)
    expect(told({ cpuShares: 512, cpuQuota: 50_000, memoryBytes: 2 ** 29 })).toEqual({ requests: { cpu: '500m', memory: '1Gi' }, limits: { cpu: '500m', memory: '512Mi' } })
    expect(told({ cpuShares: 102 })).toEqual({ requests: { cpu: '100m', memory: '1Gi' }, limits: {} })
  })

  it('starts a container to debug with once there is a sandbox, init containers or not, and never again', () => {
    const pod = podOf({ initContainers: [{ name: 'prep', image: 'a:1' }], ephemeralContainers: [{ name: 'doctor', image: 'a:1' }] })
    expect(short({ pod })).toEqual(['sandbox 0', 'start prep 0'])
    const beside = (...more: ObservedContainer[]) => short({ pod, observed: observedOf([container('prep', 'running'), ...more]) })
    expect(beside()).toEqual(['start doctor 0'])
    expect(beside(container('doctor', 'created'))).toEqual(['start doctor 0 for doctor-0'])
    for (const state of ['running', 'exited'] as const) expect(beside(container('doctor', state, { image: 'b:1' }))).toEqual([])
    const failure = { reason: 'RunContainerError', message: 'no such command', at: now - seconds(60), delayMs: seconds(10) }
    expect(short({ pod, observed: observedOf([container('prep', 'running'), container('doctor', 'created')]), memory: { doctor: { failure } } })).toEqual([])
    expect(short({ pod, observed: observedOf([container('prep', 'running')]), memory: { doctor: { failure } } })).toEqual(['start doctor 0'])
  })

  it('kills a container to debug with when its pod has ended', () => {
    const pod = podOf({ restartPolicy: 'Never', ephemeralContainers: [{ name: 'doctor', image: 'a:1' }] })
    const observed = observedOf([container('main', 'exited', { exitCode: 0 }), container('doctor', 'running')])
    expect(short({ pod, observed })).toEqual(['kill doctor-0: Stopping container doctor'])
    expect(statusOf({ pod, observed }).phase).toBe('Running')
    const ended = observedOf([container('main', 'exited', { exitCode: 0 }), container('doctor', 'exited', { exitCode: 137 })])
    expect(statusOf({ pod, observed: ended }).phase).toBe('Succeeded')
  })

  it('waits 10 s before the second restart, doubles up to 300 s, and forgets after a run of 10 minutes', () => {
    const ended = (attempt: number, ranMs = 1000) => container('main', 'exited', { attempt, startedAt: now - ranMs, finishedAt: now })
    expect([0, 1, 2, 3, 5, 6, 20].map((attempt) => restartDelay(ended(attempt), undefined) / 1000)).toEqual([0, 10, 20, 40, 160, 300, 300])
    expect(restartDelay(ended(7, seconds(601)), { restartDelayMs: seconds(300) })).toBe(0)
    const waiting = planPod(input({ observed: observedOf([ended(1)]), memory: { main: { restartDelayMs: seconds(10) } } }))
    expect(waiting).toEqual({ actions: [], wakeAt: now + seconds(10) })
    const due = planPod(input({ observed: observedOf([ended(1)]), memory: { main: { restartDelayMs: seconds(10) } }, at: now + seconds(10) }))
    expect(due.actions).toMatchObject([{ do: 'start', attempt: 2, restartDelayMs: seconds(20) }])
  })

  it('does not try a container that could not start before its pause is over', () => {
    const failure = { reason: 'ErrImagePull', message: 'no', at: now, delayMs: seconds(10) }
    expect(planPod(input({ observed: observedOf([]), memory: { main: { failure } } }))).toEqual({ actions: [], wakeAt: now + seconds(10) })
    expect(short({ observed: observedOf([]), memory: { main: { failure } }, at: now + seconds(10) })).toEqual(['start main 0'])
  })

  it('kills a container that a probe gave up, but not the next run of it', () => {
    const memory = { main: { probes: { containerId: 'main-0', ready: false, started: true, unhealthy: 'Container main failed liveness probe, will be restarted' } } }
    expect(short({ observed: observedOf([container('main', 'running')]), memory })).toEqual(['kill main-0: Container main failed liveness probe, will be restarted'])
    expect(short({ observed: observedOf([container('main', 'running', { attempt: 1 })]), memory })).toEqual([])
  })

  it('restarts a container whose image was changed', () => {
    expect(short({ pod: podOf({ containers: [{ name: 'main', image: 'a:2' }] }), observed: observedOf([container('main', 'running')]) }))
      .toEqual(['kill main-0: Container main definition changed, will be restarted'])
  })

  it('replaces a container that was made and never started', () => {
    expect(short({ observed: observedOf([container('main', 'created')]) })).toEqual(['start main 0 for main-0'])
  })

  it('makes a new sandbox for one that died, after what still runs was killed', () => {
    expect(short({ observed: observedOf([container('main', 'running')], false) })).toEqual(['kill main-0: Pod sandbox changed, it will be killed and re-created.'])
    expect(short({ observed: observedOf([container('main', 'exited')], false) })).toEqual(['sandbox 1 for s0'])
  })

  it('ends a pod by killing all containers, then the sandbox, then nothing', () => {
    const pod = podOf({ containers: two })
    expect(short({ pod, terminating: true, observed: observedOf([container('a', 'running'), container('b', 'running')]) })).toEqual(['kill a-0: Stopping container a', 'kill b-0: Stopping container b'])
    expect(short({ pod, terminating: true, observed: observedOf([container('a', 'exited'), container('b', 'exited')]) })).toEqual(['stop s0'])
    expect(short({ pod, terminating: true, observed: observedOf([], false) })).toEqual([])
    expect(short({ pod, terminating: true })).toEqual([])
  })

  it('ends a pod at its deadline', () => {
    const pod = podOf({ activeDeadlineSeconds: 5 }, { status: { startTime: '2026-01-01T00:00:00Z' } })
    const observed = observedOf([container('main', 'running')])
    expect(planPod(input({ pod, observed, at: now + seconds(4) }))).toEqual({ actions: [], wakeAt: now + seconds(5) })
    expect(short({ pod, observed, at: now + seconds(5) })).toEqual(['kill main-0: Stopping container main'])
    const failed = statusOf({ pod, observed: observedOf([container('main', 'exited')]), at: now + seconds(6) })
    expect(failed).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' })
  })

  it('keeps of each container the newest run and the one before', () => {
    const runs = [0, 1, 2].map((attempt) => container('main', attempt === 2 ? 'running' : 'exited', { attempt }))
    expect(short({ observed: observedOf(runs) })).toEqual(['remove main-0'])
  })
})

describe('a status', () => {
  const condition = (status: ReturnType<typeof statusOf>, type: string) => status.conditions?.find((c) => c.type === type)

  it('is Pending and ContainerCreating at first', () => {
    const status = statusOf({})
    expect(status.phase).toBe('Pending')
    expect(status.containerStatuses?.[0]).toMatchObject({ ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } }, image: 'a:1' })
    expect(condition(status, 'ContainersReady')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [main]' })
    expect(condition(status, 'PodReadyToStartContainers')?.status).toBe('False')
  })

  it('is Pending and PodInitializing while init containers run, and names them', () => {
    const status = statusOf({ pod: podOf({ initContainers: [{ name: 'prep', image: 'a:1' }] }), observed: observedOf([container('prep', 'running')]) })
    expect(status.phase).toBe('Pending')
    expect(status.containerStatuses?.[0]?.state?.waiting?.reason).toBe('PodInitializing')
    expect(condition(status, 'Initialized')).toMatchObject({ status: 'False', message: 'containers with incomplete status: [prep]' })
  })

  it('is Running and ready with the pod IP', () => {
    const status = statusOf({ observed: observedOf([container('main', 'running')]) })
    expect(status).toMatchObject({ phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }], hostIP: '10.1.1.1' })
    expect(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'].map((type) => condition(status, type)?.status)).toEqual(['True', 'True', 'True', 'True'])
  })

  it('tells of a container to debug with, and is as ready as without it', () => {
    const pod = podOf({ ephemeralContainers: [{ name: 'doctor', image: 'a:1' }] })
    const doctor = (more: ObservedContainer[], memory: Record<string, ContainerMemory> = {}) => {
      const status = statusOf({ pod, observed: observedOf([container('main', 'running'), ...more]), memory })
      expect([status.phase, condition(status, 'Ready')?.status, condition(status, 'Initialized')?.status]).toEqual(['Running', 'True', 'True'])
      expect(status.containerStatuses).toHaveLength(1)
      return status.ephemeralContainerStatuses?.[0]
    }
    expect(doctor([])).toEqual({ name: 'doctor', state: { waiting: { reason: 'ContainerCreating' } }, lastState: {}, ready: false, restartCount: 0, image: 'a:1', imageID: '' })
    expect(doctor([], { doctor: { failure: { reason: 'ErrImagePull', message: 'no', at: now, delayMs: seconds(10) } } })?.state).toEqual({ waiting: { reason: 'ErrImagePull', message: 'no' } })
    expect(doctor([container('doctor', 'running')])).toEqual({
      name: 'doctor', state: { running: { startedAt: '2025-12-31T23:59:55Z' } }, lastState: {}, ready: false, restartCount: 0,
      image: 'a:1', imageID: 'docker://i', containerID: 'docker://doctor-0', resources: {},
    })
    expect(doctor([container('doctor', 'exited', { exitCode: 3 })])).toMatchObject({ ready: false, state: { terminated: { exitCode: 3, reason: 'Error' } } })
  })

  it('waits for readiness probes and readiness gates', () => {
    const probed = podOf({ containers: [{ name: 'main', image: 'a:1', readinessProbe: {} }] })
    expect(statusOf({ pod: probed, observed: observedOf([container('main', 'running')]) }).containerStatuses?.[0]).toMatchObject({ ready: false, started: true })
    const gated = podOf({ readinessGates: [{ conditionType: 'lb' }] })
    const status = statusOf({ pod: gated, observed: observedOf([container('main', 'running')]) })
    expect(condition(status, 'ContainersReady')?.status).toBe('True')
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' })
  })

  it('shows a crash loop with its pause, and the last end', () => {
    const observed = observedOf([container('main', 'exited', { attempt: 3, exitCode: 137, oomKilled: true })])
    const status = statusOf({ observed, memory: { main: { restartDelayMs: seconds(80) } } })
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container=main pod=web_default(u1)' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', containerID: 'docker://main-3' } },
    })
    expect(status.phase).toBe('Running')
  })

  it('is Succeeded or Failed once nothing runs again', () => {
    const pod = podOf({ restartPolicy: 'Never', containers: two })
    const ends = (a: number, b: number) => statusOf({ pod, observed: observedOf([container('a', 'exited', { exitCode: a }), container('b', 'exited', { exitCode: b })]) })
    expect(ends(0, 0).phase).toBe('Succeeded')
    expect(condition(ends(0, 0), 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' })
    expect(ends(0, 2).phase).toBe('Failed')
    expect(statusOf({ pod, observed: observedOf([container('a', 'exited'), container('b', 'running')]) }).phase).toBe('Running')
  })

  it('keeps the conditions of others and the time of what did not change', () => {
    const conditions = [
      { type: 'lb', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' },
      { type: 'ContainersReady', status: 'True', lastTransitionTime: '2025-01-01T00:00:00Z' },
    ]
    const status = statusOf({ pod: podOf({}, { status: { conditions } }), observed: observedOf([container('main', 'running')]) })
    expect(condition(status, 'lb')).toEqual(conditions[0])
    expect(condition(status, 'ContainersReady')?.lastTransitionTime).toBe('2025-01-01T00:00:00Z')
    expect(condition(status, 'Ready')?.lastTransitionTime).toBe('2026-01-01T00:00:00Z')
  })
})
