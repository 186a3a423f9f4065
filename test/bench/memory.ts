import { readFileSync } from 'node:fs'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { type Measurement, residentMiB } from './measure.ts'

const replicas = 1000

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'many' } },
    template: { metadata: { labels: { app: 'many' } }, spec: { containers: [{ name: 'c', image: 'busybox:1', resources: { requests: { cpu: '10m' } } }] } },
  },
}

const resident = (cluster: ServedCluster) => residentMiB(readFileSync(`/proc/${cluster.process.pid}/status`, 'utf8'))

/** Resident memory of the whole cluster, idle and with 1,000 running simulated pods, and the time these took. */
export async function benchMemory(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '20', '--ephemeral'])
  try {
    await new Promise((resolve) => setTimeout(resolve, 5000))
    const idle = resident(cluster)
    const began = performance.now()
    const created = await cluster.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment)
    if (created.status !== 201) throw new Error(created.text)
    await eventually('all replicas to be ready', async () => {
      const { status } = (await cluster.call('GET', '/apis/apps/v1/namespaces/default/deployments/many')).json<{ status?: { readyReplicas?: number } }>()
      return status?.readyReplicas === replicas ? true : undefined
    }, 180_000)
    const tookMs = performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 5000))
    return [
      { name: 'resident memory, idle, 20 simulated nodes', value: idle, unit: 'MiB' },
      { name: `${replicas} simulated pods created to ready`, value: tookMs, unit: 'ms' },
      { name: `resident memory, ${replicas} simulated pods`, value: resident(cluster), unit: 'MiB' },
    ]
  } finally {
    await cluster.stop()
  }
}
