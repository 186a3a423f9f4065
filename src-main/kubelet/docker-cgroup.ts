import { readFile } from 'node:fs/promises'
import type { ContainerUsage } from './runtime.ts'

const root = '/sys/fs/cgroup'

/** Where the engine puts a container, with its cgroupfs driver and with systemd's. */
const groupsOf = (id: string): string[] => [`docker/${id}`, `system.slice/docker-${id}.scope`]

/**
 * A container's usage from this machine's own files: three small reads, where the engine would take up to a second.
 * Undefined when there are no such files: another machine, rootless, or the container has ended.
 */
export async function cgroupUsage(id: string): Promise<ContainerUsage | undefined> {
  for (const group of groupsOf(id)) {
    const usage = (await version1(id, group)) ?? (await version2(id, group))
    if (usage) return usage
  }
  return undefined
}

const read = (path: string): Promise<string | undefined> => readFile(`${root}/${path}`, 'utf8').catch(() => undefined)
const field = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)

async function version1(id: string, group: string): Promise<ContainerUsage | undefined> {
  const [cpu, memory, stat] = await Promise.all([
    read(`cpuacct/${group}/cpuacct.usage`), read(`memory/${group}/memory.usage_in_bytes`), read(`memory/${group}/memory.stat`),
  ])
  if (cpu === undefined || memory === undefined || stat === undefined) return undefined
  return { containerId: id, cpuNanos: Number(cpu), memoryBytes: workingSet(Number(memory), field(stat, 'total_inactive_file')), memoryWithCacheBytes: Number(memory), at: Date.now() }
}

async function version2(id: string, group: string): Promise<ContainerUsage | undefined> {
  const [cpu, memory, stat] = await Promise.all([read(`${group}/cpu.stat`), read(`${group}/memory.current`), read(`${group}/memory.stat`)])
  if (cpu === undefined || memory === undefined || stat === undefined) return undefined
  return { containerId: id, cpuNanos: field(cpu, 'usage_usec') * 1000, memoryBytes: workingSet(Number(memory), field(stat, 'inactive_file')), memoryWithCacheBytes: Number(memory), at: Date.now() }
}

/** Memory in use without the page cache that can be dropped, as the kubelet reports it. */
export const workingSet = (usedBytes: number, inactiveFileBytes: number): number => Math.max(0, usedBytes - inactiveFileBytes)
