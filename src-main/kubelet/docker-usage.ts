import { readFile } from 'node:fs/promises'
import os from 'node:os'
import type Docker from 'dockerode'
import type { ContainerStats } from 'dockerode'
import { cgroupUsage, workingSet } from './docker-cgroup.ts'
import { ignoring } from './docker-errors.ts'
import { isThisMachine } from './docker-info.ts'
import type { ContainerUsage } from './runtime.ts'

/** Requests under way at once: each waits up to a second for the engine's own sampling, and costs nothing meanwhile. */
const concurrency = 100

/** One reading per container: from this machine's files where the engine runs here, else asked of the engine. */
export async function containerUsage(docker: Docker, engineName: string, ids: readonly string[]): Promise<ContainerUsage[]> {
  const usages: ContainerUsage[] = []
  const queue = [...ids]
  const local = isThisMachine(engineName)
  const work = async (): Promise<void> => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      const usage = (local ? await cgroupUsage(id) : undefined) ?? (await engineUsage(docker, id))
      if (usage) usages.push(usage)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, ids.length) }, work))
  return usages
}

/** Undefined when it has ended in between. */
async function engineUsage(docker: Docker, id: string): Promise<ContainerUsage | undefined> {
  const stats = await docker.getContainer(id).stats({ stream: false, 'one-shot': true }).catch(ignoring<ContainerStats | undefined>([404, 409]))
  if (stats?.cpu_stats?.cpu_usage?.total_usage === undefined) return undefined
  const memory = stats.memory_stats
  const cache = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0
  return {
    containerId: id,
    cpuNanos: stats.cpu_stats.cpu_usage.total_usage,
    memoryBytes: workingSet(memory.usage ?? 0, cache),
    memoryWithCacheBytes: memory.usage ?? 0,
    at: Date.parse(stats.read) || Date.now(),
  }
}

/** The whole machine, when the engine runs on this one. */
export async function machineUsage(engineName: string): Promise<{ cpuNanos: number; memoryBytes: number; at: number } | undefined> {
  if (!isThisMachine(engineName)) return undefined
  const busyMs = os.cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
  const meminfo = await readFile('/proc/meminfo', 'utf8')
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0)
  return { cpuNanos: busyMs * 1e6, memoryBytes: (kib('MemTotal') - kib('MemAvailable')) * 1024, at: Date.now() }
}
