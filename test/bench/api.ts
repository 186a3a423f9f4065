import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import { eventually } from '../fixtures/eventually.ts'
import { startServed } from '../fixtures/served-cluster.ts'
import { Connection, type Target } from './connection.ts'
import { concurrently, type Measurement, median, percentile, residentMiB } from './measure.ts'
import { startPeer } from './peer.ts'

const clients = 32
const pods = 3000
/** Created at the end, when what compiles as it runs has seen enough: how fast creates go on, after how fast they begin. */
const more = 9000
const path = '/api/v1/namespaces/default/pods'

/** kube-apiserver 1.20 with etcd 3.4 on two cores of a machine like those this is developed on, for where there is none to run beside. */
const recorded: ReadonlyMap<string, number> = new Map([
  ['pod creates', 486], ['pod creates, p50', 59], ['pod gets', 1117], ['pod status patches', 384], ['list of 3000 pods', 206],
  ['list of half of them by label', 111], ['such lists, 8 at once', 7.4], ['create to event, 50 watchers, p50', 24],
  ['create to event, 50 watchers, p99', 62], ['resident memory after all this', 1434],
])

/** A pod that no node takes, so that only the API server works. */
const parked = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: `app-${name.length % 3}`, half: Number(name.split('-')[1]) % 2 ? 'odd' : 'even' } },
  spec: { nodeSelector: { 'bench/none': 'true' }, schedulerName: 'nobody', containers: [{ name: 'c', image: 'busybox:1', env: [{ name: 'A', value: 'b' }], resources: { requests: { cpu: '10m', memory: '16Mi' } } }] },
})

/** `count` requests over 32 connections, each of which sends the next when the last is answered. */
async function rate(name: string, idle: Connection[], count: number, job: (connection: Connection, i: number) => Promise<void>): Promise<Measurement[]> {
  const began = performance.now()
  const times = await concurrently(count, clients, async (i) => {
    const connection = idle.pop()!
    await job(connection, i)
    idle.push(connection)
  })
  return [
    { name, value: (count * 1000) / (performance.now() - began), unit: '/s' },
    { name: `${name}, p50`, value: median(times), unit: 'ms' },
  ]
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

/** Calls back with the name in each ADDED event and the time it came; returns how to stop. */
function watch({ url, ca, token }: Target, target: string, onAdded: (name: string, at: number) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const req = request(new URL(target, url), { agent: new Agent({ ca }), headers: { authorization: `Bearer ${token}`, accept: 'application/json' } }, (res) => {
      res.on('error', () => undefined) // it is destroyed to end the watch
      createInterface(res).on('error', () => undefined).on('line', (line) => {
        const { type, object } = JSON.parse(line) as { type: string; object: { metadata: { name: string } } }
        if (type === 'ADDED') onAdded(object.metadata.name, performance.now())
      })
      resolve(() => req.destroy())
    })
    req.on('error', reject).end()
  })
}

/** Time from sending a create until each of 50 watchers has its event. */
async function watchLatency(target: Target, connection: Connection): Promise<Measurement[]> {
  const maps = '/api/v1/namespaces/default/configmaps'
  const seen: number[] = []
  const sent = new Map<string, number>()
  const added = (name: string, at: number): void => {
    const began = sent.get(name)
    if (began !== undefined) seen.push(at - began)
  }
  const stops = await Promise.all(Array.from({ length: 50 }, () => watch(target, `${maps}?watch=1`, added)))
  const rounds = 40
  for (let i = 0; i < rounds; i++) {
    const name = `latency-${i}`
    sent.set(name, performance.now())
    await connection.send('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
  }
  await eventually('every watcher to have every event', () => seen.length === rounds * 50)
  for (const stop of stops) stop()
  return [
    { name: 'create to event, 50 watchers, p50', value: percentile(seen, 50), unit: 'ms' },
    { name: 'create to event, 50 watchers, p99', value: percentile(seen, 99), unit: 'ms' },
  ]
}

/** Writes, reads and watches over HTTPS; the load generator shares the machine. */
async function load(target: Target, pids: readonly number[]): Promise<Measurement[]> {
  const idle = Array.from({ length: clients }, () => new Connection(target))
  const one = idle[0]!
  const results: Measurement[] = []
  // a client connects once
  await Promise.all(idle.map((connection) => connection.send('GET', '/readyz')))
  results.push(...(await rate('pod creates', idle, pods, (to, i) => to.send('POST', path, parked(`pod-${i}`)))))
  results.push(...(await rate('pod gets', idle, pods, (to, i) => to.send('GET', `${path}/pod-${i}`))))
  const patch = (i: number) => ({ status: { message: `patched ${i}` } })
  results.push(...(await rate('pod status patches', idle, pods, (to, i) => to.send('PATCH', `${path}/pod-${i}/status`, patch(i), 'application/merge-patch+json'))))
  results.push({ name: `list of ${pods} pods`, value: await timed(() => one.send('GET', path)), unit: 'ms' })
  results.push({ name: 'list of half of them by label', value: await timed(() => one.send('GET', `${path}?labelSelector=half%3Dodd`)), unit: 'ms' })
  const began = performance.now()
  const eight = idle.slice(0, 8)
  await concurrently(32, 8, async () => {
    const connection = eight.pop()!
    await connection.send('GET', path)
    eight.push(connection)
  })
  results.push({ name: 'such lists, 8 at once', value: (32 * 1000) / (performance.now() - began), unit: '/s' })
  results.push(...(await watchLatency(target, one)))
  const memory = pids.reduce((sum, pid) => sum + residentMiB(readFileSync(`/proc/${pid}/status`, 'utf8')), 0)
  results.push({ name: 'resident memory after all this', value: memory, unit: 'MiB' })
  results.push(...(await rate(`pod creates, ${more} more`, idle, more, (to, i) => to.send('POST', path, parked(`more-${i}`)))))
  for (const connection of idle) connection.close()
  return results
}

/** Beside a real kube-apiserver with etcd under the same load where `KUBE_APISERVER` names one, else beside what one did elsewhere. */
export async function benchApi(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1', '--ephemeral'])
  const ours = await load(cluster.target, [cluster.process.pid ?? 0]).finally(() => cluster.stop())
  const peer = await startPeer()
  const theirs = peer && (await load(peer, peer.pids).finally(() => peer.stop()))
  const valueOf = (name: string): number | undefined => (theirs ? theirs.find((one) => one.name === name)?.value : recorded.get(name))
  return ours.map((one) => {
    const value = valueOf(one.name)
    return value === undefined ? one : { ...one, peer: { name: theirs ? 'kube-apiserver' : 'kube-apiserver, recorded,', value } }
  })
}
