import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { startServed } from '../fixtures/served-cluster.ts'
import { describeWith, python, testImage } from '../parts.ts'

const run = promisify(execFile)

/** Runs the Python suite against a fresh cluster; gives what each of its tests came to. */
async function suite(name: 'Objects' | 'Streams', ...args: string[]): Promise<{ code: number; report: string }> {
  const cluster = await startServed(args)
  onTestFinished(() => cluster.stop())
  const script = join(import.meta.dirname, 'python_client.py')
  const env = { ...process.env, TEST_IMAGE: testImage, PYTHONDONTWRITEBYTECODE: '1' }
  try {
    const { stderr } = await run(python, [script, cluster.kubeconfig, name], { env, timeout: 110_000 })
    return { code: 0, report: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, report: stdout + stderr }
  }
}

const passed = (report: string) => [...report.matchAll(/^test_(\w+) .*\bok$/gm)].map(([, name]) => name)

describeWith(['python'], 'the official Python client', () => {
  it('creates, watches, patches, applies and elects with every kind of its clients', async () => {
    const { code, report } = await suite('Objects', '--runtime', 'simulated', '--simulated-nodes', '1')
    expect(code, report).toBe(0)
    expect(passed(report)).toEqual(['custom_objects', 'dynamic_client', 'errors', 'files', 'leader_election', 'list_and_watch', 'tokens', 'typed_objects', 'versions_and_groups', 'watch_again'])
  })
})

describeWith(['python', 'docker', 'image'], 'the official Python client with containers', () => {
  it('executes, follows logs and forwards ports', async () => {
    const { code, report } = await suite('Streams', '--runtime', 'docker', '--ephemeral')
    expect(code, report).toBe(0)
    expect(passed(report)).toEqual(['exec', 'logs', 'port_forward'])
  })
})
