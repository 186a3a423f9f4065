import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { authorizedVerbs } from '../../src-main/api/auth/authorized-verbs.ts'
import { silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import { localClient } from '../../src-main/client/local.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import type { PodSpec } from '../../src-main/kinds/generated/types.ts'
import { PodVolumes } from '../../src-main/kubelet/pod-volumes.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { retryMs } from '../../src-main/kubelet/tokens.ts'
import type { WorkerContext } from '../../src-main/kubelet/worker.ts'
import { accessFixture, person } from '../api/auth-fixture.ts'
import { context, podNamed } from '../api/registry-fixture.ts'

interface World {
  readonly volumes: PodVolumes
  readonly events: string[]
  readonly token: string
  readonly dir: string
  requests: number
  /** Rejects every token request when set. */
  fails: boolean
  ended: boolean
  /** Who the file's token proves somebody to be. */
  holder(): string | undefined
  advance(ms: number): void
}

/** The volumes of one pod on node n1, kept by the kubelet of `nodeName` with that node's rights. */
async function world(options: { nodeName?: string; simulated?: boolean; spec?: Partial<PodSpec> } = {}): Promise<World> {
  const { nodeName = 'n1', simulated = false, spec } = options
  const { verbs, access, clock } = await accessFixture({ started: true })
  await verbs.create(serviceAccount, 'default', { metadata: { name: 'default' } }, context())
  await verbs.create(node, undefined, { metadata: { name: 'n1' } }, context())
  const pod = (await verbs.create(podKind, 'default', podNamed('web', { nodeName: 'n1', ...spec }), context())).object as Pod
  const user = person(`system:node:${nodeName}`, 'system:nodes')
  const local = localClient(authorizedVerbs(verbs, user, access.authorize), user)
  const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-volumes-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const volume = pod.spec!.volumes!.at(-1)!
  const made: World = {
    volumes: undefined as never, events: [], requests: 0, fails: false, ended: false, dir,
    token: join(dir, 'volumes', volume.name, 'token'),
    holder: () => access.userOfToken(readFileSync(made.token, 'utf8'))?.name,
    advance: (ms) => clock.advance(ms),
  }
  const client: Client = {
    ...local,
    createSubresource: (...request) => {
      made.requests++
      return made.fails ? Promise.reject(new Error('the API is away')) : local.createSubresource(...request)
    },
  }
  const facts = { hostIp: '10.0.0.1', podIp: undefined, cpus: 1, memoryBytes: 1 }
  const runtime = { ...createSimulatedRuntime({ nodeName, index: 0, clock }), simulated }
  const worker = {
    runtime, client, clock, log: silent,
    recorder: { event: (_about: unknown, _type: unknown, reason: string, message: string) => void made.events.push(`${reason}: ${message}`) },
    configMap: async () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { 'ca.crt': 'the PEM' } }),
    secret: async () => undefined,
  } as unknown as WorkerContext
  const volumes = new PodVolumes(worker, { pod: () => pod, facts: () => facts, folder: async () => dir, ending: () => made.ended })
  onTestFinished(() => volumes.close())
  return Object.assign(made, { volumes })
}

const hour = 3607_000

describe('a pod’s token', () => {
  it('is asked for with the rights of its node alone, beside authority and namespace', async () => {
    const { volumes, holder, token } = await world()
    await volumes.prepared()
    expect(holder()).toBe('system:serviceaccount:default:default')
    expect(readFileSync(join(token, '../ca.crt'), 'utf8')).toBe('the PEM')
    expect(readFileSync(join(token, '../namespace'), 'utf8')).toBe('default')
    expect(statSync(token).mode & 0o777).toBe(0o644)
    const other = await world({ nodeName: 'n2' })
    await expect(other.volumes.prepared()).rejects.toThrow(
      /^MountVolume.SetUp failed for volume "kube-api-access-\w{5}" : failed to fetch token: .*no relationship found between node 'n2' and this object/,
    )
  })

  it('is replaced at four fifths of its life, and not before', async () => {
    const made = await world()
    await made.volumes.prepared()
    const first = readFileSync(made.token, 'utf8')
    made.advance(hour * 0.79)
    await made.volumes.refresh()
    expect(readFileSync(made.token, 'utf8')).toBe(first)
    expect(made.requests).toBe(1)
    made.advance(hour * 0.02)
    await vi.waitFor(() => expect(readFileSync(made.token, 'utf8')).not.toBe(first))
    made.advance(hour * 0.5)
    expect(made.holder()).toBe('system:serviceaccount:default:default')
  })

  it('stays while a new one cannot be had, and is asked for again soon', async () => {
    const made = await world()
    await made.volumes.prepared()
    const first = readFileSync(made.token, 'utf8')
    made.fails = true
    made.advance(hour * 0.81)
    await vi.waitFor(() => expect(made.requests).toBe(2))
    await made.volumes.refresh()
    expect(readFileSync(made.token, 'utf8')).toBe(first)
    expect(made.events).toEqual([])
    made.fails = false
    made.advance(retryMs)
    await vi.waitFor(() => expect(readFileSync(made.token, 'utf8')).not.toBe(first))
  })

  it('is brought to a pod that ran before its kubelet did, once the API answers', async () => {
    const made = await world()
    made.fails = true
    made.volumes.keep()
    await vi.waitFor(() => expect(made.events).toHaveLength(1))
    made.fails = false
    made.advance(retryMs)
    await vi.waitFor(() => expect(made.holder()).toBe('system:serviceaccount:default:default'))
  })

  it('is asked for no more when the pod has ended', async () => {
    const made = await world()
    await made.volumes.prepared()
    const refresh = vi.spyOn(made.volumes, 'refresh')
    made.ended = true
    made.advance(hour)
    expect(refresh).not.toHaveBeenCalled()
  })

  it('is the only user’s alone, and the group’s, where root can give files away', async () => {
    const { volumes, token } = await world({ spec: { securityContext: { runAsUser: 1000, fsGroup: 2000 } } })
    await volumes.prepared()
    const { mode, uid, gid } = statSync(token)
    if (process.getuid?.() === 0) expect([mode & 0o777, uid, gid]).toEqual([0o640, 1000, 2000])
    else expect(mode & 0o777).toBe(0o644)
  })

  it('is never asked for where pods are only pretended', async () => {
    const made = await world({ simulated: true })
    expect([...(await made.volumes.prepared())]).toEqual([])
    made.volumes.keep()
    await made.volumes.refresh()
    expect(made.requests).toBe(0)
  })
})
