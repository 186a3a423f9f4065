import { hostileRequests } from '../fixtures/hostile.ts'
import { startServed } from '../fixtures/served-cluster.ts'
import type { Measurement } from './measure.ts'

const maps = '/api/v1/namespaces/default/configmaps'

/** How long somebody else's `/livez` waited at most while each hostile request was served. */
export async function benchHostile(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1', '--ephemeral'])
  try {
    await cluster.call('POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'big' }, data: { big: 'y'.repeat(200_000) } })
    const measurements: Measurement[] = []
    for (const { what, method, path = maps, headers = {}, body } of hostileRequests) {
      const text = body()
      let running = true
      let worst = 0
      const others = (async () => {
        while (running) {
          const began = performance.now()
          await cluster.call('GET', '/livez')
          worst = Math.max(worst, performance.now() - began)
        }
      })()
      // a request that is cut off is an answer too
      await cluster.call(method ?? (text === undefined ? 'GET' : 'POST'), path, text, headers['content-type']).catch(() => undefined)
      running = false
      await others
      measurements.push({ name: what, value: worst, unit: 'ms' })
    }
    return measurements.toSorted((a, b) => b.value - a.value)
  } finally {
    await cluster.stop()
  }
}
