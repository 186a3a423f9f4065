import { execFileSync } from 'node:child_process'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { testImage } from '../parts.ts'
import { type Measurement, median } from './measure.ts'

const rounds = 20
const path = '/api/v1/namespaces/default/pods'

async function podToRunning(cluster: ServedCluster, name: string): Promise<number> {
  let running = 0
  const stop = await cluster.watch(`${path}?watch=1&fieldSelector=metadata.name%3D${name}`, (event, at) => {
    const { status } = event.object as unknown as { status?: { phase?: string } }
    if (status?.phase === 'Running' && running === 0) running = at
  })
  const began = performance.now()
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: testImage, command: ['sleep', '3600'] }] } }
  await cluster.call('POST', path, pod)
  await eventually(`${name} to run`, () => (running > 0 ? true : undefined))
  stop()
  await cluster.call('DELETE', `${path}/${name}?gracePeriodSeconds=0`)
  await eventually(`${name} to be gone`, async () => ((await cluster.call('GET', `${path}/${name}`)).status === 404 ? true : undefined))
  return running - began
}

function dockerRun(name: string): number {
  const began = performance.now()
  execFileSync('docker', ['run', '-d', '--name', name, testImage, 'sleep', '3600'], { stdio: 'ignore' })
  const took = performance.now() - began
  execFileSync('docker', ['rm', '-f', name], { stdio: 'ignore' })
  return took
}

/** A pod from its creation until a watcher sees it Running, beside `docker run -d` of the same image, in turns. */
export async function benchPods(): Promise<Measurement[]> {
  const cluster = await startServed(['--runtime', 'docker', '--ephemeral'])
  try {
    await eventually('a ready node', async () => {
      const { items } = (await cluster.call('GET', '/api/v1/nodes')).json<{ items: Array<{ status?: { conditions?: Array<{ type: string; status: string }> } }> }>()
      return items.some((node) => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')) ? true : undefined
    })
    await podToRunning(cluster, 'warm-up')
    dockerRun('wheelhouse-bench-warm-up')
    const ours: number[] = []
    const theirs: number[] = []
    for (let i = 0; i < rounds; i++) {
      ours.push(await podToRunning(cluster, `bench-${i}`))
      theirs.push(dockerRun(`wheelhouse-bench-${i}`))
    }
    return [{ name: `pod created to Running, median of ${rounds}`, value: median(ours), unit: 'ms', peer: { name: 'docker run', value: median(theirs) } }]
  } finally {
    await cluster.stop()
  }
}
