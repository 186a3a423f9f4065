import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../fixtures/eventually.ts'
import type { Target } from './connection.ts'

export interface Peer extends Target {
  /** Of kube-apiserver and of etcd. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const token = 'bench-token'

/**
 * A real kube-apiserver over a real etcd, each as it is started by default, where the machine has them: `KUBE_APISERVER` names
 * the binary, etcd is on the path. Undefined elsewhere.
 */
export async function startPeer(): Promise<Peer | undefined> {
  const binary = process.env['KUBE_APISERVER']
  if (!binary) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-peer-'))
  const [client, peers, port] = await Promise.all([freePort(), freePort(), freePort()])
  const key = join(dir, 'sa.key')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(dir, 'tokens.csv'), `${token},bench,bench,system:masters\n`, { mode: 0o600 })
  const etcdUrl = `http://127.0.0.1:${client}`
  const children = [
    spawn('etcd', ['--data-dir', join(dir, 'etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl, '--listen-peer-urls', `http://127.0.0.1:${peers}`], { stdio: 'ignore' }),
    spawn(binary, [
      `--etcd-servers=${etcdUrl}`, `--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${join(dir, 'certs')}`, `--token-auth-file=${join(dir, 'tokens.csv')}`,
      '--authorization-mode=Node,RBAC', '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${key}`, `--service-account-signing-key-file=${key}`,
      '--service-cluster-ip-range=10.96.0.0/16', '--disable-admission-plugins=ServiceAccount',
    ], { stdio: 'ignore' }),
  ]
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(ended))
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const url = `https://127.0.0.1:${port}`
    const ca = await eventually('its certificate', () => attempt(() => readFileSync(join(dir, 'certs/apiserver.crt'))), 60_000)
    await eventually('kube-apiserver to be ready', () => isReady(url, ca), 60_000)
    return { url, ca, token, pids: children.map(({ pid }) => pid ?? 0), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** It has made the namespace that is loaded. */
const isReady = (url: string, ca: Buffer): Promise<true | undefined> =>
  new Promise((resolve) => {
    const req = request(new URL('/api/v1/namespaces/default', url), { ca, headers: { authorization: `Bearer ${token}` } }, (res) => {
      res.resume()
      resolve(res.statusCode === 200 ? true : undefined)
    })
    req.on('error', () => resolve(undefined)).end()
  })

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
