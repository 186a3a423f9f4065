import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { Container, ResourceRequirements } from '../../src-main/kinds/generated/types.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { createDockerRuntime } from '../../src-main/kubelet/docker.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { describeWith, testImage as image } from '../parts.ts'
import { ready, testCluster, type TestCluster } from './cluster.ts'

const resourcesDir = join(import.meta.dirname, '../../resources')

let cluster: TestCluster
let kubelet: Kubelet

const start = async (): Promise<Kubelet> =>
  cluster.kubelet('docker-1', await createDockerRuntime({ nodeName: 'docker-1', clusterId: cluster.id, resourcesDir, clock: systemClock, log: silent }))

const both = (cpu: string, memory: string): ResourceRequirements => ({ requests: { cpu, memory }, limits: { cpu, memory } })
/** Ends well when asked to, which its pod would take for its end; from when on it listens, its file says. */
const main = (resources: ResourceRequirements, more: Partial<Container> = {}): Container =>
  ({ name: 'main', image, command: ['sh', '-c', 'trap "exit 0" TERM; touch /tmp/listens; sleep 1000 & wait'], resources, ...more })
const resize = (name: string, spec: object) =>
  cluster.client.patch(podKind, { namespace: 'default', name }, { type: 'strategic', body: { spec } }, { subresource: 'resize' })
const resizeMain = (name: string, resources: ResourceRequirements) => resize(name, { containers: [{ name: 'main', resources }] })
const statusOf = ({ status }: Pod) => status?.containerStatuses?.[0]
const condition = (pod: Pod, type: string) => conditionOf(pod.status?.conditions, type)
const settled = (cpu: string, memory: string) => (pod: Pod) =>
  ready(pod) && statusOf(pod)?.resources?.requests?.cpu === cpu && statusOf(pod)?.resources?.requests?.memory === memory &&
  !condition(pod, 'PodResizePending') && !condition(pod, 'PodResizeInProgress')

async function inside(pod: Pod, command: string): Promise<string> {
  const ref = { namespace: 'default', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' }
  const session = await kubelet.connection.exec(ref, 'main', { command: ['sh', '-c', command], stdin: false, stdout: true, stderr: true, tty: false })
  const [out] = await Promise.all([text(session.stdout!), text(session.stderr!), session.exited])
  return out.trim()
}

/** Shares (or weight), quota and memory limit, as the container itself sees them. */
const groups = (pod: Pod): Promise<string> => inside(pod, `
  cd /sys/fs/cgroup
  if [ -d cpu ]; then cat cpu/cpu.shares cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes; else cat cpu.weight; cut -d' ' -f1 cpu.max; cat memory.max; fi
`).then((said) => said.replaceAll('\n', ' '))

/** What cgroup v1 has as shares, v2 has as a weight. */
async function expectGroups(pod: Pod, shares: number, quota: number, memoryMi: number): Promise<void> {
  const weight = 1 + Math.floor(((shares - 2) * 9999) / 262142)
  expect([`${shares} ${quota} ${memoryMi * 2 ** 20}`, `${weight} ${quota} ${memoryMi * 2 ** 20}`]).toContain(await groups(pod))
}

describeWith(['docker', 'image'], 'a resize on Docker', () => {
  beforeAll(async () => {
    cluster = await testCluster()
    kubelet = await start()
  })
  afterAll(async () => {
    await kubelet.stop({ removePods: true })
    await cluster.close()
  })

  it('changes the CPU and the memory of a container while it runs', async () => {
    await cluster.pod('live', 'docker-1', { containers: [main(both('100m', '64Mi'))] })
    const before = await cluster.until('live', ready)
    await expectGroups(before, 102, 10_000, 64)
    await resizeMain('live', both('250m', '96Mi'))
    const after = await cluster.until('live', settled('250m', '96Mi'))
    await expectGroups(after, 256, 25_000, 96)
    expect(statusOf(after)).toMatchObject({ restartCount: 0, containerID: statusOf(before)?.containerID, resources: both('250m', '96Mi') })
    await resizeMain('live', both('200m', '48Mi'))
    const less = await cluster.until('live', settled('200m', '48Mi'))
    await expectGroups(less, 204, 20_000, 48)
    expect(statusOf(less)).toMatchObject({ restartCount: 0, containerID: statusOf(before)?.containerID })
  })

  it('adds a limit where there was none', async () => {
    await cluster.pod('bound', 'docker-1', { containers: [main({ requests: { cpu: '20m', memory: '35Mi' } })] })
    await cluster.until('bound', ready)
    await resizeMain('bound', { requests: { cpu: '25m', memory: '30Mi' }, limits: { cpu: '35m', memory: '50Mi' } })
    const after = await cluster.until('bound', settled('25m', '30Mi'))
    await expectGroups(after, 25, 3_500, 50)
    expect(statusOf(after)?.resources).toEqual({ requests: { cpu: '25m', memory: '30Mi' }, limits: { cpu: '35m', memory: '50Mi' } })
  })

  it('runs a container again where its policy asks for it, and its pod lives on', async () => {
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    const readinessProbe = { exec: { command: ['test', '-e', '/tmp/listens'] }, periodSeconds: 1 }
    await cluster.pod('again', 'docker-1', { restartPolicy: 'OnFailure', containers: [main(both('100m', '64Mi'), { resizePolicy, readinessProbe })] })
    const before = await cluster.until('again', ready)
    await resizeMain('again', both('100m', '96Mi'))
    const after = await cluster.until('again', (pod) => settled('100m', '96Mi')(pod) && statusOf(pod)?.restartCount === 1)
    await expectGroups(after, 102, 10_000, 96)
    expect(statusOf(after)?.containerID).not.toBe(statusOf(before)?.containerID)
    expect(statusOf(after)?.lastState?.terminated?.exitCode).toBe(0)
  })

  it('takes no memory that is in use', async () => {
    await cluster.pod('full', 'docker-1', { containers: [main({ requests: { memory: '64Mi' }, limits: { memory: '64Mi' } })] })
    const pod = await cluster.until('full', ready)
    await inside(pod, 'dd if=/dev/zero of=/dev/shm/block bs=1M count=20')
    await resizeMain('full', { requests: { memory: '16Mi' }, limits: { memory: '16Mi' } })
    const failed = await cluster.until('full', (each) => condition(each, 'PodResizeInProgress')?.reason === 'Error')
    expect(condition(failed, 'PodResizeInProgress')?.message).toMatch(/container "main" memory limit \(16777216\) below current usage \(\d+\)/)
    expect(statusOf(failed)).toMatchObject({ restartCount: 0, resources: { limits: { memory: '64Mi' } } })
    await resizeMain('full', { requests: { memory: '80Mi' }, limits: { memory: '80Mi' } })
    const after = await cluster.until('full', (each) => statusOf(each)?.resources?.limits?.memory === '80Mi' && !condition(each, 'PodResizeInProgress'))
    expect(await groups(after)).toMatch(new RegExp(`${80 * 2 ** 20}$`))
  })

  it('says what the node can never do', async () => {
    await cluster.pod('huge', 'docker-1', { containers: [main({ requests: { cpu: '50m' } })] })
    await cluster.until('huge', ready)
    await cluster.client.patch(nodeKind, { name: 'docker-1' }, { type: 'merge', body: { status: { allocatable: { cpu: '10k' } } } }, { subresource: 'status' })
    await resizeMain('huge', { requests: { cpu: '9k' } })
    const infeasible = await cluster.until('huge', (pod) => condition(pod, 'PodResizePending')?.reason === 'Infeasible')
    expect(condition(infeasible, 'PodResizePending')?.message).toMatch(/^Node didn't have enough capacity: cpu, requested: 9000000, capacity: \d+$/)
    expect(statusOf(infeasible)).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '50m' } }, allocatedResources: { cpu: '50m' } })
  })

  it('is known to a kubelet that starts later: what a container has, comes from the engine', async () => {
    const before = await cluster.until('live', settled('200m', '48Mi'))
    await kubelet.stop({ removePods: false })
    await resizeMain('live', both('150m', '64Mi'))
    kubelet = await start()
    const after = await cluster.until('live', settled('150m', '64Mi'))
    await expectGroups(after, 153, 15_000, 64)
    expect(statusOf(after)).toMatchObject({ restartCount: 0, containerID: statusOf(before)?.containerID })
  })
})
