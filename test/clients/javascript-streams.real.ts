import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import * as k8s from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, testImage } from '../parts.ts'

const namespace = 'default'
const script = 'mkdir -p /www && echo served > /www/index.html && echo started && httpd -p 8080 -h /www && while read -r line; do echo "read $line"; done; sleep 3600'
const pod = {
  metadata: { name: 'streams', labels: { app: 'streams' } },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: testImage, stdin: true, command: ['sh', '-c', script], ports: [{ containerPort: 8080 }], resources: { requests: { cpu: '100m', memory: '32Mi' } } }],
  },
}

class Collected extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

describeWith(['docker', 'image'], "the official JavaScript client's streams", () => {
  let cluster: ServedCluster
  const config = new k8s.KubeConfig()
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-streams-'))

  const exec = async (command: string[], { stdin = null, tty = false }: { stdin?: Readable | null; tty?: boolean } = {}) => {
    const [out, err] = [new Collected(), new Collected()]
    const status = await new Promise<k8s.V1Status>((resolve, reject) => {
      new k8s.Exec(config).exec(namespace, 'streams', 'main', command, out, err, stdin, tty, resolve).catch(reject)
    })
    return { out: out.text, err: err.text, status }
  }

  beforeAll(async () => {
    cluster = await startServed(['--runtime', 'docker', '--ephemeral'])
    config.loadFromFile(cluster.kubeconfig)
    const core = config.makeApiClient(k8s.CoreV1Api)
    await eventually('the service account', () => core.readNamespacedServiceAccount({ name: 'default', namespace }).catch(() => undefined))
    await core.createNamespacedPod({ namespace, body: pod })
    await core.createNamespacedService({ namespace, body: { metadata: { name: 'streams' }, spec: { selector: pod.metadata.labels, ports: [{ port: 80, targetPort: 8080 }] } } })
    await eventually('a ready pod', async () => ((await core.readNamespacedPod({ name: 'streams', namespace })).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ? true : undefined), 60_000)
  })
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('execute: output, errors, exit codes, input and a terminal', async () => {
    expect(await exec(['sh', '-c', 'echo out; echo err >&2'])).toMatchObject({ out: 'out\n', err: 'err\n', status: { status: 'Success' } })
    expect((await exec(['sh', '-c', 'exit 3'])).status).toMatchObject({
      status: 'Failure', reason: 'NonZeroExitCode', message: expect.stringContaining('non-zero exit code') as string, details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
    expect((await exec(['head', '-n', '2'], { stdin: Readable.from(['one\n', 'two\n']) })).out).toBe('one\ntwo\n')
    expect((await exec(['sh', '-c', 'tty'], { tty: true })).out).toContain('/dev/pts/')
    expect((await exec(['no-such-command'])).status.status).toBe('Failure')
  })

  it('read logs, follow them, and attach to what writes them', async () => {
    const log = new k8s.Log(config)
    const whole = new Collected()
    await log.log(namespace, 'streams', 'main', whole, { tailLines: 10, timestamps: true })
    await eventually('the log', () => (/^\d{4}-\d\d-\d\dT[\d:.]+Z started$/m.test(whole.text) ? true : undefined))
    const followed = new PassThrough()
    let text = ''
    followed.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await log.log(namespace, 'streams', 'main', followed, { follow: true, sinceSeconds: 60 })
    const [attached, input] = [new Collected(), new PassThrough()]
    const socket = await new k8s.Attach(config).attach(namespace, 'streams', 'main', attached, null, input, false)
    input.write('hello\n')
    await eventually('what the container answered', () => (attached.text.includes('read hello') ? true : undefined))
    await eventually('the same in the log', () => (text.includes('read hello') ? true : undefined))
    followed.destroy()
    socket.close()
  })

  it('forward a port of the pod, and of the service before it', async () => {
    const forward = new k8s.PortForward(config)
    for (const open of [forward.portForward.bind(forward, namespace, 'streams', [8080]), forward.portForwardService.bind(forward, namespace, 'streams', [8080])]) {
      const [answer, input] = [new Collected(), new PassThrough()]
      const socket = await open(answer, null, input)
      input.write('GET /index.html HTTP/1.0\r\n\r\n')
      await eventually('the page', () => (answer.text.endsWith('served\n') ? true : undefined))
      expect(answer.text).toContain('200 OK')
      if (typeof socket === 'function') socket()?.close()
      else socket.close()
    }
  })

  it('copy files into the pod and out of it', async () => {
    const files = mkdtempSync(join(folder, 'from-'))
    writeFileSync(join(files, 'letter.txt'), 'dear pod')
    const cp = new k8s.Cp(config)
    await cp.cpToPod(namespace, 'streams', 'main', files, '/tmp')
    await eventually('the file', async () => ((await exec(['cat', '/tmp/letter.txt'])).out === 'dear pod' ? true : undefined))
    await exec(['sh', '-c', 'mkdir -p /tmp/answer && echo dear client > /tmp/answer/letter.txt'])
    const target = mkdtempSync(join(folder, 'to-'))
    await cp.cpFromPod(namespace, 'streams', 'main', 'answer', target, '/tmp')
    const received = () => {
      try {
        return readFileSync(join(target, 'answer/letter.txt'), 'utf8')
      } catch {
        return undefined // it is on its way
      }
    }
    await eventually('the answer', () => (received() === 'dear client\n' ? true : undefined))
  })

  it('show what nodes and pods use', async () => {
    const core = config.makeApiClient(k8s.CoreV1Api)
    const metrics = new k8s.Metrics(config)
    await eventually('usage of the pod', async () => ((await metrics.getPodMetrics(namespace)).items.some(({ containers }) => containers[0]?.usage.memory) ? true : undefined), 60_000)
    const [top] = (await k8s.topPods(core, metrics, namespace)).filter(({ Pod }) => Pod.metadata?.name === 'streams')
    expect(top?.Containers.map(({ Container }) => Container)).toEqual(['main'])
    expect(Number(top?.Memory.CurrentUsage)).toBeGreaterThan(0)
    expect(Number(top?.CPU.RequestTotal)).toBeCloseTo(0.1)
    const [node] = await k8s.topNodes(core)
    expect(Number(node?.Memory.Capacity)).toBeGreaterThan(Number(node?.Memory.RequestTotal))
    expect((await metrics.getNodeMetrics()).items[0]).toMatchObject({ metadata: { name: node?.Node.metadata?.name }, usage: { cpu: expect.any(String) as string, memory: expect.any(String) as string } })
  })
})
