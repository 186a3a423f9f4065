import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pod, SelfSubjectReview } from '../../src-main/kinds/generated/types.ts'
import { type Answer, redirected, type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, testImage } from '../parts.ts'

const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-in-cluster-'))
const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

const idOf = (pod: Pod): string => pod.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? ''

/** Runs a command in the pod's only container. */
function run(pod: Pod, ...command: string[]): string {
  return execFileSync('docker', ['exec', idOf(pod), ...command], { encoding: 'utf8', stdio: 'pipe', timeout: 20_000 })
}

/**
 * Who the server says the pod is, when called with the pod's files from the pod's network. The image has nothing that
 * speaks today's TLS, so it is this machine's program that calls.
 */
function fromNetworkOf(pod: Pod, url: string): string {
  const script = `
    const [url, ca, token] = process.argv.slice(1)
    const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' }
    const req = require('node:https').request(url, { method: 'POST', ca, headers }, (res) => res.pipe(process.stdout))
    req.end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }))`
  const pid = execFileSync('docker', ['inspect', '-f', '{{.State.Pid}}', idOf(pod)], { encoding: 'utf8' }).trim()
  const [ca, token] = ['ca.crt', 'token'].map((name) => run(pod, 'cat', `${folder}/${name}`)) as [string, string]
  const answer = execFileSync('nsenter', ['-t', pid, '-n', process.execPath, '-e', script, url, ca, token], { encoding: 'utf8', timeout: 20_000 })
  return (JSON.parse(answer) as SelfSubjectReview).status?.userInfo?.username ?? answer
}

/** Who the token proves its bearer to be, asked of an API server that the authority must vouch for. */
const whoIs = (api: string, ca: string, token: string): Promise<{ status: number; username?: string }> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const req = request(new URL(reviews, api), { method: 'POST', ca, agent: false, headers }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const answer = JSON.parse(Buffer.concat(chunks).toString()) as SelfSubjectReview
        resolve({ status: res.statusCode ?? 0, username: answer.status?.userInfo?.username })
      })
    })
    req.on('error', reject)
    req.end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }))
  })

describeWith(['docker', 'image', 'iptables'], 'a pod that talks to the API server', () => {
  let cluster: ServedCluster
  const start = async () => {
    cluster = await startServed(['--runtime', 'docker', '--ephemeral'], dataDir)
    await redirected('10.96.0.1')
  }
  const pods = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`
  const made = (answer: Answer): void => expect(answer.status, answer.text).toBe(201)
  const createPod = async (namespace: string, name: string): Promise<void> => {
    const containers = [{ name: 'main', image: testImage, command: ['sleep', '3600'] }]
    made(await cluster.call('POST', pods(namespace), { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers, terminationGracePeriodSeconds: 0 } }))
  }
  const running = (namespace: string, name: string) =>
    eventually(`${namespace}/${name} to run`, async () => {
      const pod = (await cluster.call('GET', `${pods(namespace)}/${name}`)).json<Pod>()
      return pod.status?.phase === 'Running' ? pod : undefined
    })

  beforeAll(start)
  afterAll(() => cluster.stop())

  it('has a token of its account, its namespace and the authority that vouches for the server', async () => {
    await createPod('default', 'caller')
    const pod = await running('default', 'caller')
    expect(run(pod, 'cat', `${folder}/namespace`)).toBe('default')
    expect(run(pod, 'stat', '-L', '-c', '%a', `${folder}/token`).trim()).toBe('644')
    expect(() => run(pod, 'touch', `${folder}/mine`)).toThrow(/Read-only file system/)
    const ca = run(pod, 'cat', `${folder}/ca.crt`)
    const token = run(pod, 'cat', `${folder}/token`)
    expect(await whoIs(cluster.api, ca, token)).toEqual({ status: 201, username: 'system:serviceaccount:default:default' })
  })

  it('reaches the server at the address and port that its variables name, and is known there by its token', async () => {
    const pod = await running('default', 'caller')
    expect(run(pod, 'sh', '-c', 'echo $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT').trim()).toBe('10.96.0.1:443')
    run(pod, 'sh', '-c', 'nc -w 5 $KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT < /dev/null')
    const url = `https://10.96.0.1:443${reviews}`
    expect(fromNetworkOf(pod, url)).toBe('system:serviceaccount:default:default')
  })

  it('does so too when its namespace was made a moment before it', async () => {
    made(await cluster.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }))
    await createPod('shop', 'caller')
    const pod = await running('shop', 'caller')
    const who = await whoIs(cluster.api, run(pod, 'cat', `${folder}/ca.crt`), run(pod, 'cat', `${folder}/token`))
    expect(who.username).toBe('system:serviceaccount:shop:default')
  })

  it('is given a new token by the kubelet that finds it running', async () => {
    const pod = await running('default', 'caller')
    const before = run(pod, 'cat', `${folder}/token`)
    await cluster.stop('SIGKILL')
    await start()
    const after = await eventually('a new token', () => {
      const token = run(pod, 'cat', `${folder}/token`)
      return token === before ? undefined : token
    })
    expect(await whoIs(cluster.api, run(pod, 'cat', `${folder}/ca.crt`), after)).toEqual({ status: 201, username: 'system:serviceaccount:default:default' })
  })

  it('leaves a token behind that is good for nothing once it is gone', async () => {
    const pod = await running('default', 'caller')
    const [ca, token] = ['ca.crt', 'token'].map((name) => run(pod, 'cat', `${folder}/${name}`)) as [string, string]
    await cluster.call('DELETE', `${pods('default')}/caller?gracePeriodSeconds=0`)
    await eventually('the pod to be gone', async () => (await cluster.call('GET', `${pods('default')}/caller`)).status === 404)
    expect((await whoIs(cluster.api, ca, token)).status).toBe(401)
  })
})
