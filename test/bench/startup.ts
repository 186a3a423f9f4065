import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServed } from '../fixtures/served-cluster.ts'
import { type Measurement, median } from './measure.ts'

const rounds = 7

/** From spawning the process until `/readyz` answers ok: a new data directory, then one that exists. */
export async function benchStartup(): Promise<Measurement[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-bench-'))
  const times: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1'], dataDir)
    const { status } = await cluster.call('GET', '/readyz')
    if (status !== 200) throw new Error(`/readyz answered ${status}`)
    times.push(performance.now() - began)
    cluster.process.kill('SIGTERM')
    await new Promise((resolve) => cluster.process.on('exit', resolve))
  }
  rmSync(dataDir, { recursive: true, force: true })
  const [first = Number.NaN, ...again] = times
  return [
    { name: 'process start to /readyz, first start', value: first, unit: 'ms' },
    { name: 'process start to /readyz, warm, median', value: median(again), unit: 'ms' },
  ]
}
