import { join } from 'node:path'
import { demandingRequests } from '../fixtures/demanding.ts'
import { hostileRequests } from '../fixtures/hostile.ts'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import type { Measurement } from './measure.ts'

const maps = '/api/v1/namespaces/default/configmaps'

/**
 * The longest turn of the served process's event loop while each hostile request, or one that takes long, was served, and
 * how long somebody else's `/livez` waited at most, which is several turns, on two cores that the sender shares.
 */
export async function benchHostile(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1', '--ephemeral'], undefined, join(import.meta.dirname, 'turn-watch.ts'))
  try {
    await cluster.call('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { big: 'y'.repeat(200_000) } })
    const measurements: Measurement[] = []
    for (const { what, method, path = maps, headers = {}, body } of hostileRequests) {
      const text = body()
      // a request that is cut off is an answer too
      measurements.push(await measured(what, cluster, () => cluster.call(method ?? (text === undefined ? 'GET' : 'POST'), path, text, headers['content-type']).catch(() => undefined)))
    }
    for (const { what, method = 'POST', path, type = method === 'PATCH' ? 'application/merge-patch+json' : undefined, body, times = 1, code } of demandingRequests) {
      const said = body?.()
      const text = typeof said === 'object' ? JSON.stringify(said) : said
      measurements.push(await measured(what, cluster, () => Promise.all(Array.from({ length: times }, () => expected(code, () => cluster.call(method, path, text, type))))))
    }
    return measurements.toSorted((a, b) => b.value - a.value)
  } finally {
    await cluster.stop()
  }
}

async function measured(name: string, cluster: ServedCluster, work: () => Promise<unknown>): Promise<Measurement> {
  await longestTurn(cluster)
  const wait = await worstWait(cluster, work)
  return { name, value: await longestTurn(cluster), unit: 'ms', beside: { name: 'others waited', value: wait } }
}

/** Since the last question. */
const longestTurn = ({ process: served }: ServedCluster): Promise<number> =>
  new Promise((resolve) => {
    served.once('message', (ms: number) => resolve(ms))
    served.send('')
  })

async function worstWait(cluster: ServedCluster, work: () => Promise<unknown>): Promise<number> {
  let running = true
  let worst = 0
  const others = (async () => {
    while (running) {
      const began = performance.now()
      await cluster.call('GET', '/livez')
      worst = Math.max(worst, performance.now() - began)
    }
  })()
  try {
    await work()
  } finally {
    running = false
    await others
  }
  return worst
}

/** A definition that was just created is served a moment later. */
async function expected(code: number, call: () => ReturnType<ServedCluster['call']>): Promise<void> {
  const until = performance.now() + 60_000
  for (;;) {
    const { status, text } = await call()
    if (status === code) return
    if (status !== 404 || performance.now() > until) throw new Error(`answered ${status} instead of ${code}: ${text.slice(0, 500)}`)
  }
}
