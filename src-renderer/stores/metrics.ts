import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { ApiError } from '../api/errors.ts'
import { nodeMetrics, podMetrics } from '../api/kinds.ts'
import { listObjects } from '../api/resources.ts'
import { quantity } from '../state/format.ts'
import type { Amounts } from '../state/node.ts'

/** Newest last. `times` in seconds. */
export interface Series {
  times: number[]
  cpu: number[]
  memory: number[]
}

const everyMs = 5000
/** Fifteen minutes. */
const kept = 180

/** Adds a sample to a ring of `kept`; the result is a new series, so that charts see the change. */
export function append(series: Series | undefined, time: number, usage: Amounts): Series {
  const tail = (old: number[] | undefined, value: number) => [...(old ?? []).slice(1 - kept), value]
  return { times: tail(series?.times, time), cpu: tail(series?.cpu, usage.cpu), memory: tail(series?.memory, usage.memory) }
}

/** CPU in cores and memory in bytes, of nodes by name and of pods by `namespace/name`. The only thing that polls. */
export const useMetrics = defineStore('metrics', () => {
  const nodes = shallowRef<ReadonlyMap<string, Series>>(new Map())
  const pods = shallowRef<ReadonlyMap<string, Series>>(new Map())
  /** Why there are no figures; empty when there are. */
  const problem = ref('')

  async function poll(): Promise<void> {
    try {
      const [nodeList, podList] = await Promise.all([listObjects(nodeMetrics), listObjects(podMetrics)])
      const time = Math.round(Date.now() / 1000)
      nodes.value = next(nodes.value, time, nodeList.items.map((m) => [m.metadata.name ?? '', amounts([m.usage])]))
      pods.value = next(pods.value, time, podList.items.map((m) => [`${m.metadata.namespace}/${m.metadata.name}`, amounts(m.containers.map((c) => c.usage))]))
      problem.value = ''
    } catch (error) {
      problem.value = error instanceof ApiError && error.code === 404 ? 'This cluster measures no usage.' : 'Usage could not be read; it is asked for again every few seconds.'
    }
  }

  const start = () => void poll()
  useIntervalFn(start, everyMs)
  const latest = (series: Series | undefined): Amounts | undefined =>
    series?.times.length ? { cpu: series.cpu.at(-1) ?? 0, memory: series.memory.at(-1) ?? 0 } : undefined
  return { nodes, pods, problem, start, latest }
})

const amounts = (usages: Array<{ cpu: string; memory: string }>): Amounts => ({
  cpu: usages.reduce((sum, u) => sum + quantity(u.cpu), 0),
  memory: usages.reduce((sum, u) => sum + quantity(u.memory), 0),
})

/** What is measured no longer is forgotten. */
const next = (old: ReadonlyMap<string, Series>, time: number, samples: Array<[string, Amounts]>): Map<string, Series> =>
  new Map(samples.map(([key, usage]) => [key, append(old.get(key), time, usage)]))
