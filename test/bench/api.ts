import { readFileSync } from 'node:fs'
import { eventually, type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { concurrently, type Measurement, median, percentile, residentMiB } from './measure.ts'

const clients = 32
const pods = 3000
const path = '/api/v1/namespaces/default/pods'

/** A pod that no node takes, so that only the API server works. */
const parked = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: `app-${name.length % 3}`, half: Number(name.split('-')[1]) % 2 ? 'odd' : 'even' } },
  spec: { nodeSelector: { 'bench/none': 'true' }, schedulerName: 'nobody', containers: [{ name: 'c', image: 'busybox:1', env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
})

async function rate(name: string, count: number, job: (i: number) => Promise<void>): Promise<Measurement[]> {
  const began = performance.now()
  const times = await concurrently(count, clients, job)
  return [
    { name: `${name}, ${clients} clients`, value: (count * 1000) / (performance.now() - began), unit: '/s' },
    { name: `${name}, p50`, value: median(times), unit: 'ms' },
  ]
}

async function expectOk(cluster: ServedCluster, method: string, target: string, body?: unknown, type?: string): Promise<void> {
  const { status, text } = await cluster.call(method, target, body, type)
  if (status >= 300) throw new Error(`${method} ${target}: ${status} ${text}`)
}

async function timed(job: () => Promise<void>, rounds = 5): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const began = performance.now()
    await job()
    times.push(performance.now() - began)
  }
  return median(times)
}

/** Time from sending a create until each of 50 watchers has its event. */
async function watchLatency(cluster: ServedCluster): Promise<Measurement[]> {
  const seen: number[] = []
  const sent = new Map<string, number>()
  const stops = await Promise.all(
    Array.from({ length: 50 }, () =>
      cluster.watch('/api/v1/namespaces/default/configmaps?watch=1', (event, at) => {
        const began = sent.get(event.object.metadata.name)
        if (event.type === 'ADDED' && began !== undefined) seen.push(at - began)
      }),
    ),
  )
  const rounds = 40
  for (let i = 0; i < rounds; i++) {
    const name = `latency-${i}`
    sent.set(name, performance.now())
    await expectOk(cluster, 'POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  }
  await eventually('every watcher to have every event', () => (seen.length === rounds * 50 ? true : undefined))
  for (const stop of stops) stop()
  return [
    { name: 'create to event, 50 watchers, p50', value: percentile(seen, 50), unit: 'ms' },
    { name: 'create to event, 50 watchers, p99', value: percentile(seen, 99), unit: 'ms' },
  ]
}

/** Writes, reads and watches against a served cluster over HTTPS; the load generator shares the machine. */
export async function benchApi(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1', '--ephemeral'])
  try {
    const results: Measurement[] = []
    results.push(...(await rate('pod creates', pods, (i) => expectOk(cluster, 'POST', path, parked(`pod-${i}`)))))
    results.push(...(await rate('pod gets', pods, (i) => expectOk(cluster, 'GET', `${path}/pod-${i}`))))
    const patch = (i: number) => ({ status: { message: `patched ${i}` } })
    results.push(...(await rate('pod status patches', pods, (i) => expectOk(cluster, 'PATCH', `${path}/pod-${i}/status`, patch(i), 'application/merge-patch+json'))))
    results.push({ name: `list of ${pods} pods`, value: await timed(() => expectOk(cluster, 'GET', path)), unit: 'ms' })
    results.push({ name: 'list of half of them by label', value: await timed(() => expectOk(cluster, 'GET', `${path}?labelSelector=half%3Dodd`)), unit: 'ms' })
    const began = performance.now()
    await concurrently(32, 8, () => expectOk(cluster, 'GET', path))
    results.push({ name: 'such lists, 8 at once', value: (32 * 1000) / (performance.now() - began), unit: '/s' })
    results.push(...(await watchLatency(cluster)))
    results.push({ name: 'resident memory after all this', value: residentMiB(readFileSync(`/proc/${cluster.process.pid}/status`, 'utf8')), unit: 'MiB' })
    return results
  } finally {
    await cluster.stop()
  }
}
