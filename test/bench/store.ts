import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../../src-main/base/log.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Revision, Store } from '../../src-main/store/store.ts'
import { concurrently, median, percentile, type Measurement } from './measure.ts'

/** About 2 KB as JSON, as a running pod of a small Deployment. */
const podLike = (name: string, generation: number): KubeObject & { spec: object; status: object } => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', generation, labels: { app: 'web', 'pod-template-hash': '6d4cf56db6' } },
  spec: {
    containers: Array.from({ length: 2 }, (_, i) => ({
      name: `c${i}`,
      image: 'registry.example/web:1.27',
      env: Array.from({ length: 8 }, (_, e) => ({ name: `VARIABLE_${e}`, value: `value of variable ${e}` })),
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    })),
  },
  status: {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  },
})

const writers = 32

/** Commits of 2 KB objects by 32 concurrent writers, each waiting for its own before the next. */
async function commits(store: Store, total: number): Promise<Measurement[]> {
  const started = performance.now()
  const latencies = await concurrently(total, writers, async (i) => {
    const name = `web-${i % 10_000}`
    await store.commit((tx) => tx.put(`/pods/default/${name}`, podLike(name, i)))
  })
  const seconds = (performance.now() - started) / 1000
  return [
    { name: `commits, ${writers} concurrent writers`, value: total / seconds, unit: '1/s' },
    { name: 'commit latency p50', value: median(latencies), unit: 'ms' },
    { name: 'commit latency p99', value: percentile(latencies, 99), unit: 'ms' },
  ]
}

async function single(store: Store): Promise<Measurement> {
  const latencies = await concurrently(300, 1, async (i) => {
    await store.commit((tx) => tx.put('/pods/default/alone', podLike('alone', i)))
  })
  return { name: 'commit latency p50, one writer', value: median(latencies), unit: 'ms' }
}

async function fanOut(store: Store): Promise<Measurement> {
  let told = 0
  const watchers = await Promise.all(
    Array.from({ length: 200 }, () => store.watch('/pods/', store.revision, () => told++)),
  )
  const started = performance.now()
  await commits(store, 3200)
  const seconds = (performance.now() - started) / 1000
  for (const watcher of watchers) watcher.close()
  return { name: 'changes delivered to 200 watchers while committing', value: told / seconds, unit: '1/s' }
}

async function lists(store: Store): Promise<Measurement[]> {
  const started = performance.now()
  for (let i = 0; i < 200; i++) store.list('/pods/')
  const listMs = (performance.now() - started) / 200
  const at = performance.now()
  const { items } = await store.listAt('/pods/', Math.floor(store.revision * 0.9) as Revision)
  return [
    { name: 'list of all objects', value: listMs, unit: 'ms' },
    { name: `list of ${items.length} objects at an old revision`, value: performance.now() - at, unit: 'ms' },
  ]
}

async function opening(file: string): Promise<Measurement> {
  const times: number[] = []
  let objects = 0
  for (let i = 0; i < 7; i++) {
    const at = performance.now()
    const store = await openStore({ file, log: silent })
    times.push(performance.now() - at)
    objects = store.list('/').items.length
    await store.close()
  }
  return { name: `open with ${objects} objects, median of 7`, value: median(times), unit: 'ms' }
}

export async function benchStore(): Promise<Measurement[]> {
  // not the system's temporary folder, which may be in memory
  const cache = join(import.meta.dirname, '../.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'store-'))
  const file = join(folder, 'store.db')
  try {
    const store = await openStore({ file, log: silent })
    await commits(store, 3200) // warm up
    const results = [
      ...(await commits(store, 32_000)),
      await single(store),
      await fanOut(store),
      ...(await lists(store)),
    ]
    await store.close()
    return [...results, await opening(file)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) console.table(await benchStore())
