import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { adminToken, type ServedAccess, servedAccess } from '../api/auth-served.ts'
import { describeWith, kubectls } from '../parts.ts'

const run = promisify(execFile)

interface Outcome {
  readonly code: number
  readonly out: string
}

async function kubectlOf(kubectl: string): Promise<ServedAccess & { kube(...args: string[]): Promise<Outcome>; version: number }> {
  const served = await servedAccess()
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-auth-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const ca = join(folder, 'ca.crt')
  writeFileSync(ca, served.ca.cert)
  writeFileSync(join(folder, 'kubeconfig'), '')
  const fixed = ['--kubeconfig', join(folder, 'kubeconfig'), '--server', served.url, '--certificate-authority', ca, '--cache-dir', join(folder, 'cache')]
  async function kube(...args: string[]): Promise<Outcome> {
    const token = args.some((arg) => arg.startsWith('--token')) ? [] : ['--token', adminToken]
    try {
      const { stdout, stderr } = await run(kubectl, [...fixed, ...token, ...args], { timeout: 30_000 })
      return { code: 0, out: stdout + stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: stdout + stderr }
    }
  }
  const minor = Number(/GitVersion:"v1\.(\d+)|Client Version: v1\.(\d+)/.exec((await kube('version', '--client')).out)?.slice(1).find(Boolean))
  return { ...served, kube, version: minor }
}

for (const { command: kubectl, title } of kubectls()) {
  describeWith(['kubectl'], `access with ${title}`, () => {
    it('answers can-i, for oneself and for others', async () => {
      const { kube } = await kubectlOf(kubectl)
      expect(await kube('auth', 'can-i', 'delete', 'nodes')).toMatchObject({ code: 0, out: expect.stringContaining('yes') as string })
      expect(await kube('auth', 'can-i', 'list', 'pods', '--as', 'ann')).toMatchObject({ code: 1, out: expect.stringContaining('no') as string })
      expect((await kube('create', 'rolebinding', 'ann', '--clusterrole', 'view', '--user', 'ann')).out).toContain('rolebinding.rbac.authorization.k8s.io/ann created')
      expect(await kube('auth', 'can-i', 'list', 'pods', '--as', 'ann')).toMatchObject({ code: 0 })
      expect(await kube('auth', 'can-i', 'get', '/version', '--as', 'ann')).toMatchObject({ code: 0 })
      const { out } = await kube('auth', 'can-i', '--list', '--as', 'ann')
      expect(out).toMatch(/^pods\/log +\[\] +\[\] +\[get list watch\]$/m)
      expect(out).toMatch(/^selfsubjectaccessreviews\.authorization\.k8s\.io +\[\] +\[\] +\[create\]$/m)
      expect((await kube('auth', 'can-i', '--list')).out).toMatch(/^\*\.\* +\[\] +\[\] +\[\*\]$/m)
    })

    it('refuses in the words of Kubernetes', async () => {
      const { kube } = await kubectlOf(kubectl)
      expect((await kube('get', 'pods', '--as', 'bob')).out).toContain(
        'Error from server (Forbidden): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
      )
      expect((await kube('get', 'nodes', '--token', 'wrong')).out).toMatch(/You must be logged in to the server|Unauthorized/)
      await kube('create', 'clusterrolebinding', 'admins', '--clusterrole', 'admin', '--user', 'ann')
      const grant = await kube('create', 'role', 'more', '--verb', 'get', '--resource', 'nodes', '--as', 'ann')
      expect(grant.out).toMatch(/attempting to grant RBAC permissions not currently held:\s+\{APIGroups:\[""\], Resources:\["nodes"\], Verbs:\["get"\]\}/)
    })

    it('makes tokens that sign in', async () => {
      const { kube, version } = await kubectlOf(kubectl)
      await kube('create', 'serviceaccount', 'robot')
      await kube('create', 'rolebinding', 'robot', '--clusterrole', 'view', '--serviceaccount', 'default:robot')
      const path = '/api/v1/namespaces/default/serviceaccounts/robot/token'
      const token = version >= 24
        ? (await kube('create', 'token', 'robot')).out.trim()
        : (JSON.parse((await kube('create', '--raw', path, '-f', tokenRequestFile())).out) as { status: { token: string } }).status.token
      expect(await kube('get', 'configmaps', `--token=${token}`)).toMatchObject({ code: 0 })
      expect((await kube('get', 'secrets', `--token=${token}`)).out).toContain('User "system:serviceaccount:default:robot" cannot list resource "secrets"')
      expect((await kube('get', '--raw', '/openid/v1/jwks', `--token=${token}`)).out).toContain('"kty":"EC"')
      if (version >= 28) expect((await kube('auth', 'whoami', `--token=${token}`)).out).toContain('system:serviceaccount:default:robot')
    })
  })
}

function tokenRequestFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-auth-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'request.json')
  writeFileSync(file, JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }))
  return file
}
