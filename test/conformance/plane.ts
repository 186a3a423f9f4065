import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCredentials } from '../../src-main/api/credentials.ts'
import type { User } from '../../src-main/api/verbs.ts'
import { systemClock as clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { runComponents } from '../../src-main/cluster/components.ts'
import { type Joined, openControlPlane } from '../../src-main/cluster/control-plane.ts'
import { csrSigning } from '../../src-main/controllers/csr-signing.ts'
import { controllers } from '../../src-main/controllers/index.ts'
import { rootCa } from '../../src-main/controllers/root-ca.ts'
import { type Caller, inProcess, overHttps } from './caller.ts'

/** What the tables are run against. */
export interface Plane {
  readonly callers: ReadonlyMap<string, Caller>
  readonly minor: number
  readonly has: ReadonlySet<'controllers' | 'compaction'>
  forget(): Promise<void>
  close(): Promise<void>
}

const { CONFORMANCE_SERVER: url, CONFORMANCE_TOKEN: token = '', CONFORMANCE_CA: caFile, CONFORMANCE_MINOR: minor, CONFORMANCE_HAS: has = '' } = process.env

/** How the tables are asked. */
export const callerNames: readonly string[] = url ? [url] : ['in-process', 'over HTTPS']

export const openPlane = (): Promise<Plane> => (url ? foreignPlane(url) : ownPlane())

const admin: User = { name: 'wheelhouse-admin', groups: ['system:masters', 'system:authenticated'] }

/** A cluster without nodes, as `cluster.ts` opens it, on a directory of its own. */
async function ownPlane(): Promise<Plane> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-conformance-'))
  const stops: Array<() => unknown> = [() => rmSync(dataDir, { recursive: true, force: true })]
  const credentials = await loadCredentials(dataDir, clock.now())
  const joined: Joined = { kubelets: [] }
  const plane = await openControlPlane({ dataDir, credentials, admin, joined, clock, log: silent, stops })
  const abort = new AbortController()
  const all = [...controllers, rootCa(credentials.caPem), csrSigning({ cert: credentials.caPem, key: credentials.caKeyPem })]
  const { informers } = runComponents({ ...plane, authorize: plane.access.authorize, controllers: all, clock, log: silent, signal: abort.signal })
  stops.push(() => abort.abort())
  joined.synced = informers.synced()
  await joined.synced
  const port = await plane.api.listen(0)
  const callers = new Map([
    ['in-process', inProcess(plane.api, admin)],
    ['over HTTPS', overHttps({ url: `https://127.0.0.1:${port}`, token: credentials.adminToken, ca: credentials.caPem })],
  ])
  stops.push(() => callers.forEach((caller) => caller.close()))
  return {
    callers, minor: Infinity, has: new Set(['controllers', 'compaction']),
    forget: () => plane.store.compact(plane.store.revision),
    async close() {
      for (const stop of stops.reverse()) await stop()
    },
  }
}

/** Somebody else's API server, such as a real one to check the tables with. */
async function foreignPlane(server: string): Promise<Plane> {
  const caller = overHttps({ url: server, token, ca: caFile ? readFileSync(caFile, 'utf8') : undefined })
  const { body } = await caller.call({ method: 'GET', path: '/version' })
  return {
    callers: new Map([[server, caller]]),
    minor: Number(minor ?? parseInt((body as { minor: string }).minor, 10)),
    has: new Set(has.split(',').filter((part) => part === 'controllers')),
    forget: () => Promise.reject(new Error('nobody can be asked to forget here')),
    close: async () => caller.close(),
  }
}
