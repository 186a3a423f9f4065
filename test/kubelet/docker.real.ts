import { execFileSync } from 'node:child_process'
import net from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { createDockerRuntime, type DockerOptions } from '../../src-main/kubelet/docker.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { describeWith, testImage as image } from '../parts.ts'
import { ready, testCluster, type TestCluster } from './cluster.ts'

const resourcesDir = join(import.meta.dirname, '../../resources')
const docker = (...args: string[]): string => execFileSync('docker', args, { encoding: 'utf8' }).trim()

let cluster: TestCluster
let kubelet: Kubelet

const runtime = (nodeName: string, more: Partial<DockerOptions> = {}) =>
  createDockerRuntime({ nodeName, clusterId: cluster.id, resourcesDir, clock: systemClock, log: silent, ...more })
const start = async (nodeName: string): Promise<Kubelet> => cluster.kubelet(nodeName, await runtime(nodeName))
const refOf = (pod: Pod) => ({ namespace: 'default', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' })
const containersOf = (pod: Pod): string[] =>
  docker('ps', '-aq', '--filter', `label=io.kubernetes.pod.uid=${pod.metadata.uid}`).split('\n').filter(Boolean)
const remove = async (...names: string[]): Promise<void> => {
  for (const name of names) await cluster.client.delete(podKind, { namespace: 'default', name })
  for (const name of names) await cluster.gone(name)
}

async function run(
  pod: Pod,
  container: string,
  ...command: string[]
): Promise<{ code: number; out: string; err: string }> {
  const session = await kubelet.connection.exec(refOf(pod), container, {
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
  })
  const [out, err, code] = await Promise.all([text(session.stdout!), text(session.stderr!), session.exited])
  return { code, out, err }
}

/** Resolves when the stream has said it. */
async function says(stream: Readable, wanted: string): Promise<string> {
  let seen = ''
  for await (const chunk of stream) {
    seen += String(chunk)
    if (seen.includes(wanted)) return seen
  }
  throw new Error(`the stream ended and never said ${JSON.stringify(wanted)}: ${seen}`)
}

describeWith(['docker', 'image'], 'a kubelet on Docker', () => {
  beforeAll(async () => {
    cluster = await testCluster()
    kubelet = await start('docker-1')
  })
  afterAll(async () => {
    await kubelet.stop({ removePods: true })
    expect(docker('ps', '-aq', '--filter', `label=wheelhouse.dev/cluster=${cluster.id}`)).toBe('')
    await cluster.close()
  })

  describe('a pod', () => {
    it('registers its node with what the engine has', async () => {
      const node = await cluster.client.get(nodeKind, { name: 'docker-1' })
      expect(node.status?.capacity?.cpu).toBe(docker('info', '-f', '{{.NCPU}}'))
      expect(node.status?.nodeInfo?.containerRuntimeVersion).toBe(
        `docker://${docker('version', '-f', '{{.Server.Version}}')}`,
      )
      expect(conditionOf(node.status?.conditions, 'Ready')?.status).toBe('True')
    })

    it('gives its containers one localhost, one IP, their variables, their volumes and a hosts file', async () => {
      await cluster.client.create(configMap, {
        metadata: { namespace: 'default', name: 'settings' },
        data: { color: 'green', 'app.conf': 'listen 80' },
      })
      await cluster.client.create(secret, {
        metadata: { namespace: 'default', name: 'keys' },
        data: { token: Buffer.from('s3cret').toString('base64') },
      })
      const created = await cluster.pod('pair', 'docker-1', {
        volumes: [
          { name: 'conf', configMap: { name: 'settings' } },
          { name: 'keys', secret: { secretName: 'keys' } },
          { name: 'shared', emptyDir: {} },
        ],
        initContainers: [
          {
            name: 'prepare',
            image,
            command: ['sh', '-c', 'echo made-by-init > /shared/index.html'],
            volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
          },
        ],
        containers: [
          {
            name: 'web',
            image,
            command: ['httpd', '-f', '-p', '8080', '-h', '/shared'],
            volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
          },
          {
            name: 'side',
            image,
            command: ['sh', '-c', 'echo $(GREETING); trap "exit 0" TERM; sleep 1000 & wait'],
            env: [
              { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
              { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
              { name: 'GREETING', value: 'hello $(COLOR)' },
            ],
            volumeMounts: [
              { name: 'conf', mountPath: '/conf' },
              { name: 'keys', mountPath: '/keys', readOnly: true },
            ],
          },
        ],
      })
      const pod = await cluster.until('pair', ready)
      expect(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.reason).toBe('Completed')
      expect((await run(pod, 'side', 'wget', '-qO-', 'http://localhost:8080/')).out).toBe('made-by-init\n')
      expect((await run(pod, 'side', 'sh', '-c', 'echo $COLOR $TOKEN $IP')).out).toBe(
        `green s3cret ${pod.status?.podIP}\n`,
      )
      expect((await run(pod, 'side', 'cat', '/conf/app.conf', '/keys/token')).out).toBe('listen 80s3cret')
      expect((await run(pod, 'side', 'hostname')).out).toBe('pair\n')
      expect((await run(pod, 'web', 'cat', '/etc/hosts')).out).toContain(`${pod.status?.podIP}\tpair\n`)
      expect(await text(await kubelet.connection.logs(refOf(pod), 'side', {}))).toBe('hello green\n')
      const names = docker(
        'ps',
        '--format',
        '{{.Names}}',
        '--filter',
        `label=io.kubernetes.pod.uid=${created.metadata.uid}`,
      )
        .split('\n')
        .sort()
      expect(names).toEqual(['POD', 'side', 'web'].map((c) => `k8s_${c}_pair_default_${created.metadata.uid}_0`).sort())
    })

    it('shows a changed ConfigMap in the mounted files, without a restart', async () => {
      const pod = await cluster.until('pair', ready)
      await cluster.client.patch(
        configMap,
        { namespace: 'default', name: 'settings' },
        { type: 'merge', body: { data: { 'app.conf': 'listen 81', color: null } } },
      )
      const changed = await run(
        pod,
        'side',
        'sh',
        '-c',
        'for i in $(seq 100); do grep -q 81 /conf/app.conf && ls /conf && exit 0; usleep 50000; done; exit 1',
      )
      expect(changed).toEqual({ code: 0, out: 'app.conf\n', err: '' })
    })

    it('runs commands with both streams, standard input, an exit code, and a terminal', async () => {
      const pod = await cluster.until('pair', ready)
      expect(await run(pod, 'side', 'sh', '-c', 'echo out; echo err >&2; exit 7')).toEqual({
        code: 7,
        out: 'out\n',
        err: 'err\n',
      })
      const cat = await kubelet.connection.exec(refOf(pod), 'side', {
        command: ['cat'],
        stdin: true,
        stdout: true,
        stderr: true,
        tty: false,
      })
      cat.stdin!.end('x'.repeat(300_000))
      expect((await text(cat.stdout!)).length).toBe(300_000)
      expect(await cat.exited).toBe(0)
      const shell = await kubelet.connection.exec(refOf(pod), 'side', {
        command: ['sh'],
        stdin: true,
        stdout: true,
        stderr: true,
        tty: true,
      })
      expect(shell.stderr).toBeUndefined()
      await shell.resize(123, 45)
      shell.stdin!.write('stty size; exit 3\n')
      expect(await says(shell.stdout!, '45 123')).toContain('45 123')
      expect(await shell.exited).toBe(3)
    })

    it('opens a connection to a port inside the pod', async () => {
      const pod = await cluster.until('pair', ready)
      const socket = await kubelet.connection.connect(refOf(pod), 8080)
      socket.write('GET / HTTP/1.0\r\n\r\n')
      expect(await says(socket, 'made-by-init')).toContain('200 OK')
      socket.destroy()
    })

    it('reaches servers that listen on the pod\'s loopback alone, as kubectl port-forward must, and says when there are none', async () => {
      const pod = await cluster.until('pair', ready)
      const serve = 'mkdir -p /srv && head -c 3000000 /dev/zero > /srv/big && httpd -p 127.0.0.1:8070 -h /srv'
      expect(await run(pod, 'side', 'sh', '-c', serve)).toEqual({ code: 0, out: '', err: '' })
      const socket = await kubelet.connection.connect(refOf(pod), 8070)
      socket.write('GET /big HTTP/1.0\r\n\r\n')
      const answer = await text(socket)
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4).length).toBe(3_000_000)
      await expect(kubelet.connection.connect(refOf(pod), 8071)).rejects.toThrow('dial tcp4 127.0.0.1:8071: connect: connection refused')
    })

    it('deletes the pod gracefully: the process is asked first, and nothing is left', async () => {
      const pod = await cluster.until('pair', ready)
      await remove('pair')
      await expect.poll(() => containersOf(pod)).toEqual([])
      expect(
        cluster.events
          .filter((e) => e.about === 'pair' && e.reason === 'Killing')
          .map((e) => e.message)
          .sort(),
      ).toEqual(['Stopping container side', 'Stopping container web'])
    })

    it('follows a log, cuts it to its tail, and stamps its lines', async () => {
      await cluster.pod('talker', 'docker-1', {
        containers: [
          {
            name: 'main',
            image,
            command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; done; sleep 0.3; echo late; exec sleep 1000'],
          },
        ],
      })
      const pod = await cluster.until('talker', ready)
      const follow = await kubelet.connection.logs(refOf(pod), 'main', { follow: true })
      expect(await says(follow, 'late')).toBe('line 1\nline 2\nline 3\nlate\n')
      expect(await text(await kubelet.connection.logs(refOf(pod), 'main', { tailLines: 2 }))).toBe('line 3\nlate\n')
      expect(await text(await kubelet.connection.logs(refOf(pod), 'main', { tailLines: 1, timestamps: true }))).toMatch(
        /^\d{4}-\d\d-\d\dT[\d:.]+Z late\n$/,
      )
      expect(await text(await kubelet.connection.logs(refOf(pod), 'main', { limitBytes: 8 }))).toBe('line 1\nl')
      await expect(kubelet.connection.logs(refOf(pod), 'main', { previous: true })).rejects.toThrow(
        'previous terminated container "main" in pod "talker" not found',
      )
      await remove('talker')
    })

    it('is ready when its readiness probe says so, and not when it no longer does', async () => {
      const probe = { exec: { command: ['test', '-e', '/tmp/ok'] }, periodSeconds: 1, failureThreshold: 1 }
      await cluster.pod('careful', 'docker-1', {
        containers: [{ name: 'main', image, command: ['sleep', '1000'], readinessProbe: probe }],
      })
      const pod = await cluster.until('careful', (p) => p.status?.phase === 'Running')
      expect(ready(pod)).toBe(false)
      await run(pod, 'main', 'touch', '/tmp/ok')
      await cluster.until('careful', ready)
      await run(pod, 'main', 'rm', '/tmp/ok')
      const lost = await cluster.until('careful', (p) => !ready(p))
      expect(conditionOf(lost.status?.conditions, 'Ready')?.message).toBe('containers with unready status: [main]')
      await remove('careful')
    })

    it('restarts a container whose liveness probe fails, and keeps its last log', async () => {
      await cluster.pod('sick', 'docker-1', {
        containers: [
          {
            name: 'main',
            image,
            command: ['sh', '-c', 'echo run; exec sleep 1000'],
            livenessProbe: { httpGet: { path: '/', port: 9 }, periodSeconds: 1, failureThreshold: 2 },
          },
        ],
      })
      const pod = await cluster.until('sick', (p) => (p.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0)
      expect(cluster.events.find((e) => e.about === 'sick' && e.reason === 'Killing')?.message).toBe(
        'Container main failed liveness probe, will be restarted',
      )
      expect(cluster.events.find((e) => e.about === 'sick' && e.reason === 'Unhealthy')?.message).toMatch(
        /^Liveness probe failed: Get "http:.*connect: connection refused$/,
      )
      expect(await text(await kubelet.connection.logs(refOf(pod), 'main', { previous: true }))).toBe('run\n')
      await remove('sick')
    })

    it('backs off from a container that keeps failing, and tells why it ended', async () => {
      await cluster.pod('crash', 'docker-1', {
        containers: [{ name: 'main', image, command: ['sh', '-c', 'echo why > /dev/termination-log; exit 3'] }],
      })
      const pod = await cluster.until(
        'crash',
        (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
      )
      const status = pod.status?.containerStatuses?.[0]
      expect(status).toMatchObject({
        restartCount: 1,
        ready: false,
        lastState: { terminated: { exitCode: 3, reason: 'Error', message: 'why\n' } },
      })
      expect(status?.state?.waiting?.message).toBe(
        `back-off 10s restarting failed container=main pod=crash_default(${pod.metadata.uid})`,
      )
      expect(pod.status?.phase).toBe('Running')
      await remove('crash')
    })

    it('says which image cannot be pulled, and waits before it tries again', async () => {
      await cluster.pod('nopull', 'docker-1', { containers: [{ name: 'main', image: 'localhost:1/no/such:1' }] })
      const failed = await cluster.until(
        'nopull',
        (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull',
      )
      expect(failed.status?.containerStatuses?.[0]?.state?.waiting?.message).toMatch(/localhost:1/)
      const waits = await cluster.until(
        'nopull',
        (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff',
      )
      expect(waits.status?.containerStatuses?.[0]?.state?.waiting?.message).toMatch(
        /^Back-off pulling image "localhost:1\/no\/such:1": ErrImagePull: /,
      )
      expect(waits.status?.phase).toBe('Pending')
      await remove('nopull')
    })

    it('ends as Succeeded or Failed when nothing is to run again', async () => {
      await cluster.pod('well', 'docker-1', {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image, command: ['true'] }],
      })
      await cluster.pod('ill', 'docker-1', {
        restartPolicy: 'Never',
        containers: [{ name: 'main', image, command: ['false'] }],
      })
      const well = await cluster.until('well', (p) => p.status?.phase === 'Succeeded')
      expect(well.status?.containerStatuses?.[0]?.state?.terminated?.reason).toBe('Completed')
      expect(
        (await cluster.until('ill', (p) => p.status?.phase === 'Failed')).status?.containerStatuses?.[0]?.state
          ?.terminated?.exitCode,
      ).toBe(1)
      await remove('well', 'ill')
    })

    it('waits for configuration that is missing, says so, and starts when it comes', async () => {
      await cluster.pod('later', 'docker-1', {
        containers: [
          { name: 'main', image, command: ['sleep', '1000'], envFrom: [{ configMapRef: { name: 'not-yet' } }] },
        ],
      })
      const waits = await cluster.until(
        'later',
        (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
      )
      expect(waits.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "not-yet" not found')
      await cluster.client.create(configMap, { metadata: { namespace: 'default', name: 'not-yet' }, data: { a: 'b' } })
      const pod = await cluster.until('later', ready)
      expect((await run(pod, 'main', 'sh', '-c', 'echo $a')).out).toBe('b\n')
      await remove('later')
    })

    it('says when a command cannot be run', async () => {
      await cluster.pod('typo', 'docker-1', { containers: [{ name: 'main', image, command: ['/no/such/command'] }] })
      const pod = await cluster.until(
        'typo',
        (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'RunContainerError',
      )
      expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toContain('/no/such/command')
      await remove('typo')
    })

    it('publishes a host port and keeps to its limits', async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as net.AddressInfo
      await new Promise((resolve) => server.close(resolve))
      await cluster.pod('limited', 'docker-1', {
        containers: [
          {
            name: 'main',
            image,
            command: ['httpd', '-f', '-p', '80', '-h', '/etc'],
            ports: [{ containerPort: 80, hostPort: port, hostIP: '127.0.0.1' }],
            resources: { limits: { cpu: '500m', memory: '64Mi' } },
            securityContext: { runAsUser: 0, readOnlyRootFilesystem: true },
          },
        ],
      })
      const pod = await cluster.until('limited', ready)
      const id =
        containersOf(pod).find(
          (c) => docker('inspect', '-f', '{{index .Config.Labels "io.kubernetes.container.name"}}', c) === 'main',
        ) ?? ''
      expect(
        docker('inspect', '-f', '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}} {{.HostConfig.ReadonlyRootfs}}', id),
      ).toBe('67108864 50000 true')
      expect(await (await fetch(`http://127.0.0.1:${port}/passwd`)).text()).toContain('root:')
      await remove('limited')
    })
  })

  describe('the kubelet', () => {
    it('adopts what runs when it comes back, and removes what nobody knows any more', async () => {
      const first = await start('docker-2')
      await cluster.pod('stays', 'docker-2', { containers: [{ name: 'main', image, command: ['sleep', '1000'] }] })
      await cluster.pod('goes', 'docker-2', { containers: [{ name: 'main', image, command: ['sleep', '1000'] }] })
      const [stays, goes] = [await cluster.until('stays', ready), await cluster.until('goes', ready)]
      await first.stop({ removePods: false })
      const before = containersOf(stays)
      await cluster.client.delete(podKind, { namespace: 'default', name: 'goes' }, { gracePeriodSeconds: 0 })
      const second = await start('docker-2')
      expect(containersOf(goes)).toEqual([])
      await expect.poll(() => second.connection.logs(refOf(stays), 'main', {}).then(text, () => undefined)).toBe('')
      expect(containersOf(stays)).toEqual(before)
      expect(
        (await cluster.client.get(podKind, { namespace: 'default', name: 'stays' })).status?.containerStatuses?.[0]
          ?.restartCount,
      ).toBe(0)
      await remove('stays')
      await second.stop({ removePods: true })
    })

    it('makes a new sandbox when the old one dies, and starts the containers in it', async () => {
      await cluster.pod('reborn', 'docker-1', { containers: [{ name: 'main', image, command: ['sleep', '1000'] }] })
      const pod = await cluster.until('reborn', ready)
      docker('kill', `k8s_POD_reborn_default_${pod.metadata.uid}_0`)
      const again = await cluster.until(
        'reborn',
        (p) => ready(p) && p.status?.containerStatuses?.[0]?.restartCount === 1,
      )
      expect(
        docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', `k8s_POD_reborn_default_${pod.metadata.uid}_1`),
      ).toBe(again.status?.podIP)
      await remove('reborn')
    })

    it.each(['refuses', 'hangs'] as const)(
      'turns its node NotReady while the engine %s, and Ready again with the pods untouched',
      async (how) => {
        const relay = await engineRelay()
        const engine = { protocol: 'http' as const, host: '127.0.0.1', port: relay.port }
        const far = await cluster.kubelet('docker-3', await runtime('docker-3', { engine }))
        await cluster.pod('calm', 'docker-3', { containers: [{ name: 'main', image, command: ['sleep', '1000'] }] })
        const pod = await cluster.until('calm', ready)
        const isReady = async () =>
          conditionOf((await cluster.client.get(nodeKind, { name: 'docker-3' })).status?.conditions, 'Ready')
        relay.pause(how)
        await expect.poll(async () => (await isReady())?.status, { timeout: 30_000 }).toBe('False')
        expect((await isReady())?.message).toMatch(/^container runtime is down: .*recovers by itself/)
        relay.resume()
        await expect.poll(async () => (await isReady())?.status, { timeout: 20_000 }).toBe('True')
        expect((await cluster.until('calm', ready)).status?.containerStatuses?.[0]?.containerID).toBe(
          pod.status?.containerStatuses?.[0]?.containerID,
        )
        await remove('calm')
        await far.stop({ removePods: true })
        relay.close()
      },
    )

    it('measures what containers and the node use', async () => {
      await cluster.pod('busy', 'docker-1', {
        containers: [
          { name: 'main', image, command: ['sh', '-c', 'while :; do :; done'], resources: { limits: { cpu: '200m' } } },
        ],
      })
      await cluster.until('busy', ready)
      const usage = () => kubelet.stats().pods.find((p) => p.name === 'busy')?.containers[0]
      await expect.poll(() => usage()?.cpu ?? 0, { timeout: 30_000 }).toBeGreaterThan(0.05)
      expect(usage()?.cpu).toBeLessThan(0.5)
      expect(usage()?.memoryBytes).toBeGreaterThan(0)
      expect(kubelet.stats().node.memoryBytes).toBeGreaterThan(usage()?.memoryBytes ?? 0)
      await remove('busy')
    })
  })

  /** The engine behind a TCP port that can be cut off, so that no other test loses its engine. */
  async function engineRelay() {
    const open = new Set<net.Socket>()
    let paused: 'refuses' | 'hangs' | undefined
    const server = net
      .createServer({ allowHalfOpen: true }, (client) => {
        if (paused === 'refuses') return client.destroy()
        if (paused === 'hangs') return void open.add(client.on('error', () => undefined))
        const engine = net.connect({ path: '/var/run/docker.sock', allowHalfOpen: true })
        for (const socket of [client, engine]) {
          open.add(socket)
          socket.on('error', () => undefined).on('close', () => open.delete(socket))
        }
        client.pipe(engine).pipe(client)
      })
      .listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return {
      port: (server.address() as net.AddressInfo).port,
      pause(how: 'refuses' | 'hangs') {
        paused = how
        for (const socket of open) {
          if (how === 'refuses') socket.destroy()
          else socket.unpipe().pause()
        }
      },
      resume() {
        paused = undefined
        for (const socket of open) socket.destroy()
      },
      close: () => void server.close(),
    }
  }
})
