import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { describeWith, kubectls } from '../parts.ts'

const run = promisify(execFile)

const deployment = ({ replicas = 2, image = 'busybox:1', name = 'web' }: { replicas?: number | null; image?: string; name?: string } = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:${replicas === null ? '' : `\n  replicas: ${replicas}`}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: httpd
          image: ${image}
          ports: [{ containerPort: 8080 }]
`

interface Stored {
  metadata: { resourceVersion: string; labels: Record<string, string>; managedFields: Array<{ manager: string; operation: string; fieldsV1: object }> }
  spec: { replicas: number; template: { spec: { containers: Array<{ image: string }> } } }
}

const imageOf = ({ spec }: Stored) => spec.template.spec.containers[0]?.image

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

for (const { command: kubectl, title } of kubectls()) {
  describeWith(['kubectl'], `server-side apply with ${title}`, () => {
    let cluster: ServedCluster
    const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-apply-'))

    async function kube(...args: string[]): Promise<Outcome> {
      const fixed = ['--kubeconfig', cluster.kubeconfig, '--cache-dir', join(folder, 'cache')]
      try {
        const { stdout, stderr } = await run(kubectl, [...fixed, ...args], { timeout: 60_000 })
        return { code: 0, out: stdout, err: stderr }
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
        return { code, out: stdout, err: stderr }
      }
    }
    async function succeeds(...args: string[]): Promise<string> {
      const { code, out, err } = await kube(...args)
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${err}`)
      return out
    }
    const manifest = (text: string): string => {
      const file = join(folder, 'manifest.yaml')
      writeFileSync(file, text)
      return file
    }
    const applies = (text: string, ...args: string[]) => kube('apply', '--server-side', '-f', manifest(text), ...args)
    const read = async (name: string): Promise<Stored> =>
      (await cluster.call('GET', `/apis/apps/v1/namespaces/default/deployments/${name}`)).json<Stored>()

    beforeAll(async () => {
      cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1'])
    })
    afterAll(async () => {
      await cluster?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    it('creates, and changes nothing when it applies the same again', async () => {
      expect(await applies(deployment())).toMatchObject({ code: 0, out: 'deployment.apps/web serverside-applied\n' })
      const owned = (await read('web')).metadata.managedFields.find(({ manager }) => manager === 'kubectl')
      expect(owned).toMatchObject({ operation: 'Apply', apiVersion: 'apps/v1', fieldsV1: { 'f:spec': { 'f:replicas': {} } } })
      await succeeds('rollout', 'status', 'deployment/web', '--timeout=60s')
      const before = (await read('web')).metadata.resourceVersion
      expect((await applies(deployment())).code).toBe(0)
      expect((await read('web')).metadata.resourceVersion).toBe(before)
    })

    it('shows the managers when asked', async () => {
      const shown = await kube('get', 'deploy', 'web', '-o', 'yaml', '--show-managed-fields')
      // before 1.21 kubectl knew no such flag and always showed them
      const all = shown.err.includes('unknown flag') ? await succeeds('get', 'deploy', 'web', '-o', 'yaml') : shown.out
      expect(all).toContain('manager: kube-controller-manager')
      if (all === shown.out) expect(await succeeds('get', 'deploy', 'web', '-o', 'yaml')).not.toContain('managedFields')
    })

    it('is told who else owns a field, and takes it by force', async () => {
      await succeeds('scale', 'deployment/web', '--replicas=4')
      const refused = await applies(deployment())
      expect(refused.code).toBe(1)
      expect(refused.err).toContain('Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas')
      expect(refused.err).toContain('--force-conflicts')
      expect((await read('web')).spec.replicas).toBe(4)
      expect((await applies(deployment({ replicas: null }))).code).toBe(0)
      expect((await read('web')).spec.replicas).toBe(4)
      expect((await applies(deployment({ replicas: 3 }), '--force-conflicts')).code).toBe(0)
      expect((await read('web')).spec.replicas).toBe(3)
    })

    it('shares an object with another manager, and removes what nobody applies any more', async () => {
      const label = '\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: { team: blue }\n'
      expect((await applies(label, '--field-manager', 'labels')).code).toBe(0)
      expect((await read('web')).metadata.labels).toEqual({ app: 'web', team: 'blue' })
      expect((await applies(label.replace('{ team: blue }', '{}'), '--field-manager', 'labels')).code).toBe(0)
      expect((await read('web')).metadata.labels).toEqual({ app: 'web' })
    })

    it('shows what it would change, and changes nothing', async () => {
      const same = await kube('diff', '--server-side', '-f', manifest(deployment({ replicas: 3 })))
      expect(same).toMatchObject({ code: 0, out: '' })
      const { code, out } = await kube('diff', '--server-side', '-f', manifest(deployment({ replicas: 3, image: 'busybox:2' })))
      expect(code).toBe(1)
      expect(out).toMatch(/^-\s+- image: busybox:1$/m)
      expect(out).toMatch(/^\+\s+- image: busybox:2$/m)
      expect((await applies(deployment({ name: 'tried' }), '--dry-run=server')).out).toContain('serverside-applied (server dry run)')
      expect((await kube('get', 'deploy', 'tried')).err).toContain('NotFound')
      expect(imageOf(await read('web'))).toBe('busybox:1')
    })

    it('takes over what client-side apply began, and hands it back', async () => {
      const text = (image: string) => deployment({ name: 'moved', image })
      await succeeds('apply', '-f', manifest(text('busybox:1')))
      expect(await applies(text('busybox:2'))).toMatchObject({ code: 0 })
      expect(imageOf(await read('moved'))).toBe('busybox:2')
      expect(await succeeds('apply', '-f', manifest(text('busybox:1')))).toContain('configured')
      expect(imageOf(await read('moved'))).toBe('busybox:1')
    })

    it('is told of fields that are not there, by path', async () => {
      const { code, err } = await applies(deployment({ name: 'wrong' }).replace('replicas:', 'replcas:'), '--validate=false')
      expect(code).toBe(1)
      expect(err).toContain('.spec.replcas: field not declared in schema')
    })
  })
}
