import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import type { ObservedContainer, RuntimeLogOptions } from '../../src-main/kubelet/runtime.ts'
import { terminationMessage, terminationMount } from '../../src-main/kubelet/termination.ts'

const ended: ObservedContainer = { id: 'c1', name: 'main', attempt: 0, state: 'exited', image: 'shop:1', imageId: 'sha256:1', createdAt: 0, startedAt: 1, exitCode: 1 }
const log = (text: string, asked: RuntimeLogOptions[] = []) => ({
  logs: async (_id: string, options: RuntimeLogOptions) => (asked.push(options), Readable.from([Buffer.from(text)])),
})

async function folder(written: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'wheelhouse-termination-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFile((await terminationMount(dir, { name: 'main' }, 0)).source, written)
  return dir
}

it('takes the end of what a container wrote, however much that is', async () => {
  const message = await terminationMessage(await folder(`${'x'.repeat(5000)}end`), ended, 'FallbackToLogsOnError', log('DONE'))
  expect([message.length, message.slice(-4)]).toEqual([4096, 'xend'])
})

it('takes the end of the log of a container that failed without a word, where its policy says so', async () => {
  const dir = await folder('')
  const asked: RuntimeLogOptions[] = []
  expect(await terminationMessage(dir, ended, 'FallbackToLogsOnError', log('DONE', asked))).toBe('DONE')
  expect(asked).toMatchObject([{ follow: false, tailLines: 80 }])
  expect((await terminationMessage(dir, ended, 'FallbackToLogsOnError', log(`${'x'.repeat(3000)}end`))).length).toBe(2048)
  expect(await terminationMessage(dir, ended, 'FallbackToLogsOnError', { logs: () => Promise.reject(new Error('gone')) })).toBe('Error on reading termination message from logs: gone')
})

it.each([
  ['its policy is the file', ended, 'File'],
  ['it ended well', { ...ended, exitCode: 0 }, 'FallbackToLogsOnError'],
  ['it never started', { ...ended, startedAt: undefined }, 'FallbackToLogsOnError'],
])('says nothing for a container that wrote nothing when %s', async (_when, container, policy) => {
  expect(await terminationMessage(await folder(''), container, policy, log('DONE'))).toBe('')
})
