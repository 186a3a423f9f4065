import type { ContainerInspectInfo } from 'dockerode'
import { expect, it } from 'vitest'
import { observedContainer } from '../../src-main/kubelet/docker-observe.ts'
import type { ObservedContainer } from '../../src-main/kubelet/runtime.ts'

const never = '0001-01-01T00:00:00Z'
const listed: ObservedContainer = { id: 'c1', name: 'main', attempt: 0, state: 'exited', image: 'shop:1', imageId: 'sha256:1', createdAt: 0 }
const inspected = (Status: string, StartedAt: string) =>
  ({ Created: '2026-01-01T00:00:00Z', State: { Status, StartedAt, FinishedAt: never, ExitCode: 0, OOMKilled: false, Error: '' }, HostConfig: { CpuShares: 102, CpuPeriod: 100_000, CpuQuota: 20_000, Memory: 0 } }) as ContainerInspectInfo

it('sees what the engine lets a container have, and no bound where there is none', () => {
  expect(observedContainer(listed, inspected('running', '2026-01-01T00:00:01Z')).limits).toEqual({ cpuShares: 102, cpuQuota: 20_000 })
})

it.each([
  ['created', never, 'created'],
  ['removing', never, 'created'],
  ['dead', never, 'created'],
  ['running', '2026-01-01T00:00:01Z', 'running'],
  ['exited', '2026-01-01T00:00:01Z', 'exited'],
  ['removing', '2026-01-01T00:00:01Z', 'exited'],
])('sees a container that the engine calls %s, started at %s, as %s', (status, startedAt, state) => {
  expect(observedContainer(listed, inspected(status, startedAt)).state).toBe(state)
})
