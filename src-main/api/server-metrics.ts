import { readdir, readFile } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { counter, gauge, type Family } from '../base/metric-families.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Store } from '../store/store.ts'
import { kindPrefix } from './keys.ts'

/** What /version answers. */
export type BuildInfo = Readonly<Record<'major' | 'minor' | 'gitVersion' | 'gitCommit' | 'gitTreeState' | 'buildDate' | 'goVersion' | 'compiler' | 'platform', string>>

/** `kubernetes_build_info`, and what the process uses. Waits one turn of the event loop, for its lag. */
export async function processMetrics(version: BuildInfo): Promise<Family[]> {
  const asked = performance.now()
  await new Promise((resolve) => setImmediate(resolve))
  const lag = (performance.now() - asked) / 1000
  const { user, system } = process.cpuUsage()
  const memory = process.memoryUsage()
  return [
    gauge('kubernetes_build_info', 'A metric with a constant 1 value, labeled by the version this server has.', 1, {
      major: version.major, minor: version.minor, git_version: version.gitVersion, git_commit: version.gitCommit, git_tree_state: version.gitTreeState,
      build_date: version.buildDate, go_version: version.goVersion, compiler: version.compiler, platform: version.platform,
    }),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', memory.rss),
    processStart(),
    ...(process.platform === 'linux' ? await procMetrics() : []),
    gauge('nodejs_heap_size_used_bytes', 'Memory of the JavaScript heap in use, in bytes.', memory.heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory of buffers outside the JavaScript heap, in bytes.', memory.external),
    gauge('nodejs_eventloop_lag_seconds', 'How long a callback that was due waited for its turn, when this was asked, in seconds.', lag),
  ]
}

export const processStart = (): Family => gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', performance.timeOrigin / 1000)

/** What only Linux tells a process of itself. */
async function procMetrics(): Promise<Family[]> {
  const [open, limits, status] = await Promise.all([readdir('/proc/self/fd'), readFile('/proc/self/limits', 'utf8'), readFile('/proc/self/status', 'utf8')])
  const [, most = '0'] = /^Max open files\s+(\S+)/m.exec(limits) ?? []
  const [, mostVirtual = '0'] = /^Max address space\s+(\S+)/m.exec(limits) ?? []
  const [, virtualKiB = '0'] = /^VmSize:\s+(\d+) kB/m.exec(status) ?? []
  return [
    gauge('process_open_fds', 'Number of open file descriptors.', open.length),
    gauge('process_max_fds', 'Maximum number of open file descriptors.', limit(most)),
    gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', Number(virtualKiB) * 1024),
    gauge('process_virtual_memory_max_bytes', 'Maximum amount of virtual memory available in bytes.', limit(mostVirtual)),
  ]
}

const limit = (text: string): number => (text === 'unlimited' ? Infinity : Number(text))

/** What the store holds: one series per resource, whatever versions it is served in. */
export function storageMetrics(store: Pick<Store, 'list' | 'revision'>, kinds: readonly AnyKind[], sizeBytes: () => number): Family[] {
  // what is computed, or only ever answered, is in no store
  const stored = kinds.filter(({ verbs }) => verbs.includes('list') && verbs.includes('create'))
  const resources = new Map(stored.map((kind) => [kindPrefix(kind), kind]))
  const counts = [...resources].map(([prefix, { group, plural }]) => {
    const { items } = store.list(prefix)
    return { labels: { group, resource: plural }, value: items.length, bytes: items.reduce((sum, each) => sum + each.bytes.length, 0) }
  })
  const bytes = sizeBytes()
  return [
    {
      name: 'apiserver_storage_objects', type: 'gauge', help: 'Number of stored objects at the time of last check split by kind.',
      samples: counts.map(({ labels: { group, resource }, value }) => ({ labels: { resource: group ? `${resource}.${group}` : resource }, value })),
    },
    {
      name: 'apiserver_resource_objects', type: 'gauge', help: 'Number of stored objects at the time of last check split by kind.',
      samples: counts.map(({ labels, value }) => ({ labels, value })),
    },
    {
      name: 'apiserver_resource_size_estimate_bytes', type: 'gauge', help: 'Estimated size of stored objects in database. Estimate is based on sum of last observed sizes of serialized objects.',
      samples: counts.map(({ labels, bytes }) => ({ labels, value: bytes })),
    },
    gauge('apiserver_storage_size_bytes', 'Size of the storage database file physically allocated in bytes.', bytes, { storage_cluster_id: 'sqlite' }),
    gauge('apiserver_storage_db_total_size_in_bytes', 'Total size of the storage database file physically allocated in bytes.', bytes, { endpoint: 'sqlite' }),
    gauge('apiserver_storage_revision', 'The revision of the newest change.', store.revision),
  ]
}
