import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { EphemeralContainer } from '../../src-main/kinds/generated/types.ts'
import { createDockerRuntime } from '../../src-main/kubelet/docker.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { describeWith, testImage as image } from '../parts.ts'
import { ready, testCluster, type TestCluster } from './cluster.ts'

const resourcesDir = join(import.meta.dirname, '../../resources')
const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim()

let cluster: TestCluster
let kubelet: Kubelet

const start = async (): Promise<Kubelet> =>
  cluster.kubelet('docker-1', await createDockerRuntime({ nodeName: 'docker-1', clusterId: cluster.id, resourcesDir, clock: systemClock, log: silent }))
const add = (name: string, container: EphemeralContainer) =>
  cluster.client.patch(podKind, { namespace: 'default', name }, { type: 'strategic', body: { spec: { ephemeralContainers: [container] } } }, { subresource: 'ephemeralcontainers' })
const statusOf = ({ status }: Pod, name: string) => status?.ephemeralContainerStatuses?.find((each) => each.name === name)
const refOf = (pod: Pod) => ({ namespace: 'default', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' })
const stays = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait']

async function inside(pod: Pod, container: string, command: string): Promise<string> {
  const session = await kubelet.connection.exec(refOf(pod), container, { command: ['sh', '-c', command], stdin: false, stdout: true, stderr: true, tty: false })
  const [out] = await Promise.all([text(session.stdout!), text(session.stderr!), session.exited])
  return out.trim()
}

describeWith(['docker', 'image'], 'a container to debug with on Docker', () => {
  beforeAll(async () => {
    cluster = await testCluster()
    kubelet = await start()
    await cluster.pod('web', 'docker-1', {
      volumes: [{ name: 'shared', emptyDir: {} }],
      containers: [{ name: 'main', image, command: stays, volumeMounts: [{ name: 'shared', mountPath: '/data' }] }],
    })
    await cluster.until('web', ready)
  })
  afterAll(async () => {
    await kubelet.stop({ removePods: true })
    await cluster.close()
  })

  it('sees its target\'s processes, the pod\'s network and volumes, and leaves the pod ready', async () => {
    await add('web', {
      name: 'doctor', image, command: stays, targetContainerName: 'main', env: [{ name: 'GREETING', value: 'hello' }], volumeMounts: [{ name: 'shared', mountPath: '/seen' }],
    })
    const pod = await cluster.until('web', (p) => statusOf(p, 'doctor')?.state?.running !== undefined)
    expect(ready(pod)).toBe(true)
    const id = docker('ps', '-q', '--no-trunc', '--filter', `name=k8s_doctor_web_default_${pod.metadata.uid}_0`)
    expect(statusOf(pod, 'doctor')).toMatchObject({ ready: false, restartCount: 0, image, containerID: `docker://${id}`, imageID: expect.stringContaining('sha256:') as string })
    expect(await inside(pod, 'main', 'echo found > /data/file; readlink /proc/1/ns/net')).toBe(await inside(pod, 'doctor', 'readlink /proc/self/ns/net'))
    expect(await inside(pod, 'doctor', 'echo $GREETING; cat /seen/file')).toBe('hello\nfound')
    expect(await inside(pod, 'doctor', 'readlink /proc/self/ns/pid')).toBe(await inside(pod, 'main', 'readlink /proc/self/ns/pid'))
    expect(cluster.events.slice(-3).map((e) => e.reason)).toEqual(['Pulled', 'Created', 'Started'])
  })

  it('is attached to, and its end is not the attach\'s', async () => {
    await add('web', { name: 'prompt', image, stdin: true, command: ['sh', '-c', 'read line; echo "you said $line"; exit 4'] })
    const pod = await cluster.until('web', (p) => statusOf(p, 'prompt')?.state?.running !== undefined)
    const session = await kubelet.connection.attach(refOf(pod), 'prompt', { stdin: true, stdout: true, stderr: true, tty: false })
    session.stdin!.write('hello\n')
    expect(await text(session.stdout!)).toBe('you said hello\n')
    expect(await session.exited).toBe(0)
    const ended = await cluster.until('web', (p) => statusOf(p, 'prompt')?.state?.terminated !== undefined)
    expect(statusOf(ended, 'prompt')?.state?.terminated?.exitCode).toBe(4)
  })

  it('runs once: neither its end nor a new kubelet starts it again, and its log stays', async () => {
    await add('web', { name: 'once', image, command: ['sh', '-c', 'echo been here; exit 3'] })
    const ended = await cluster.until('web', (p) => statusOf(p, 'once')?.state?.terminated !== undefined)
    expect(statusOf(ended, 'once')).toMatchObject({ restartCount: 0, lastState: {}, state: { terminated: { exitCode: 3, reason: 'Error' } } })
    expect(ready(ended)).toBe(true)
    await kubelet.stop({ removePods: false })
    kubelet = await start()
    await add('web', { name: 'later', image, command: stays })
    const pod = await cluster.until('web', (p) => statusOf(p, 'later')?.state?.running !== undefined)
    for (const name of ['doctor', 'once']) expect(statusOf(pod, name)).toEqual(statusOf(ended, name))
    expect(await text(await kubelet.connection.logs(refOf(pod), 'once', {}))).toBe('been here\n')
    expect(cluster.events.filter((e) => e.reason === 'Started').map((e) => e.message.split(' ').at(-1))).toEqual(['main', 'doctor', 'prompt', 'once', 'later'])
  })

  it('waits with a reason while its image or its target is not to be had', async () => {
    await add('web', { name: 'no-image', image: 'wheelhouse/none:test', imagePullPolicy: 'Never' })
    const pod = await cluster.until('web', (p) => statusOf(p, 'no-image')?.state?.waiting?.reason === 'ErrImageNeverPull')
    expect(ready(pod)).toBe(true)
    await cluster.pod('slow', 'docker-1', { initContainers: [{ name: 'prep', image, command: stays }], containers: [{ name: 'main', image }] })
    await cluster.until('slow', (p) => p.status?.initContainerStatuses?.[0]?.state?.running !== undefined)
    await add('slow', { name: 'early', image, command: stays, targetContainerName: 'main' })
    const early = await cluster.until('slow', (p) => statusOf(p, 'early')?.state?.waiting?.reason === 'CreateContainerConfigError')
    expect(statusOf(early, 'early')?.state?.waiting?.message).toBe('unable to find target container main')
    await add('slow', { name: 'beside', image, command: stays })
    expect((await cluster.until('slow', (p) => statusOf(p, 'beside')?.state?.running !== undefined)).status?.phase).toBe('Pending')
  })

  it('ends with its pod', async () => {
    for (const name of ['web', 'slow']) await cluster.client.delete(podKind, { namespace: 'default', name })
    for (const name of ['web', 'slow']) await cluster.gone(name)
    expect(cluster.events.filter((e) => e.reason === 'Killing').map((e) => e.message)).toContain('Stopping container doctor')
  })
})
