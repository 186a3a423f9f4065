import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, testImage } from '../parts.ts'

const cli = join(import.meta.dirname, '../../out/main/cli.js')
const simulated = ['--runtime', 'simulated', '--simulated-nodes', '1']
const folders: string[] = []
const clusters: ServedCluster[] = []

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'wheelhouse-cli-'))
  folders.push(made)
  return made
}
const start = async (args: readonly string[], dataDir = folder()): Promise<ServedCluster> => {
  const cluster = await startServed(args, dataDir)
  clusters.push(cluster)
  return cluster
}
/** What a start that must fail said. */
async function refusal(...args: string[]): Promise<string> {
  const error: unknown = await promisify(execFile)(process.execPath, [cli, 'serve', '--json', '--dashboard-port', '0', ...args], { timeout: 20_000 }).catch((reason: unknown) => reason)
  expect((error as { code?: number }).code).toBe(1)
  return (error as { stderr: string }).stderr
}
const exit = (cluster: ServedCluster, signal: NodeJS.Signals) =>
  new Promise<number | null>((resolve) => {
    cluster.process.once('exit', (code) => resolve(code))
    cluster.process.kill(signal)
  })

afterEach(async () => {
  for (const cluster of clusters.splice(0)) if (cluster.process.exitCode === null && cluster.process.signalCode === null) await exit(cluster, 'SIGTERM')
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
})

describe('wheelhouse serve', () => {
  it('says on one line where it is, and ends cleanly on SIGTERM', async () => {
    const cluster = await start(simulated)
    expect(cluster).toMatchObject({ ready: true, kubeconfig: join(cluster.dataDir, 'kubeconfig') })
    expect(cluster.api).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(cluster.dashboard).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{40,}$/)
    expect((await cluster.call('GET', '/readyz')).text).toBe('ok')
    expect(await exit(cluster, 'SIGTERM')).toBe(0)
  })

  it('keeps secrets to its owner', async () => {
    const { dataDir, kubeconfig } = await start(simulated)
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    expect(['cluster.db', 'pki/ca.key', 'pki/admin.token', 'pki/sa.key'].map((name) => mode(join(dataDir, name)))).toEqual(['600', '600', '600', '600'])
    expect([mode(kubeconfig), mode(join(dataDir, 'pki'))]).toEqual(['600', '700'])
  })

  it('takes the next port when one is busy, and says so', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const cluster = await start([...simulated, '--api-port', String(port)])
    other.close()
    expect(Number(new URL(cluster.api).port)).toBeGreaterThan(port)
    expect(readFileSync(join(cluster.dataDir, 'logs/wheelhouse.log'), 'utf8')).toContain(`Port ${port} is taken`)
  })

  it('has everything again after a kill', async () => {
    const first = await start(simulated)
    const made = await first.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'kept' }, data: { a: 'b' } })
    expect(made.status).toBe(201)
    await exit(first, 'SIGKILL')
    const second = await start(simulated, first.dataDir)
    const { metadata } = made.json<{ metadata: { uid: string; resourceVersion: string } }>()
    expect((await second.call('GET', '/api/v1/namespaces/default/configmaps/kept')).json()).toMatchObject({ metadata, data: { a: 'b' } })
  })

  it('refuses a damaged database, names it, and leaves it as it is', async () => {
    const cluster = await start(simulated)
    await exit(cluster, 'SIGTERM')
    const file = join(cluster.dataDir, 'cluster.db')
    truncateSync(file, 5000)
    const before = readFileSync(file)
    const said = await refusal('--data-dir', cluster.dataDir, '--api-port', '0', ...simulated)
    expect(said).toContain(file)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('refuses a data directory that another cluster has open', async () => {
    const cluster = await start(simulated)
    expect(await refusal('--data-dir', cluster.dataDir, '--api-port', '0', ...simulated)).toMatch(/in use|another/)
  })

  it('prints the kubeconfig, the version and every option', () => {
    const run = (...args: string[]) => execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' })
    expect(run('version')).toMatch(/^wheelhouse \d+\.\d+\.\d+, Kubernetes v1\.36/)
    const help = run('serve', '--help')
    for (const option of ['--data-dir', '--api-port', '--dashboard-port', '--runtime', '--nodes', '--simulated-nodes', '--ephemeral', '--json']) expect(help).toContain(option)
  })
})

describeWith(['docker', 'image'], 'wheelhouse serve on Docker', () => {
  const ids = (name: string) => execFileSync('docker', ['ps', '-q', '--no-trunc', '--filter', `label=io.kubernetes.pod.name=${name}`], { encoding: 'utf8' }).trim().split('\n').filter(Boolean).toSorted()
  const running = (cluster: ServedCluster, name: string) =>
    eventually('the pod to run', async () => {
      const { status } = (await cluster.call('GET', `/api/v1/namespaces/default/pods/${name}`)).json<{ status?: { phase?: string } }>()
      return status?.phase === 'Running' ? true : undefined
    })

  it('leaves containers running, adopts them at the next start, and removes them when ephemeral', async () => {
    const first = await start(['--runtime', 'docker'])
    await first.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'adopted' }, spec: { containers: [{ name: 'c', image: testImage, command: ['sleep', '3600'] }] } })
    await running(first, 'adopted')
    const before = ids('adopted')
    expect(before).toHaveLength(2)
    expect(await exit(first, 'SIGTERM')).toBe(0)
    expect(ids('adopted')).toEqual(before)

    const second = await start(['--runtime', 'docker', '--ephemeral'], first.dataDir)
    await running(second, 'adopted')
    await eventually('a ready node', async () => ((await second.call('GET', '/api/v1/nodes')).text.includes('KubeletReady') ? true : undefined))
    expect(ids('adopted')).toEqual(before)
    expect(await exit(second, 'SIGTERM')).toBe(0)
    expect(ids('adopted')).toEqual([])
    expect(() => statSync(first.dataDir)).toThrow()
  })
})
