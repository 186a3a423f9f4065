import { chmod, mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../base/log.ts'
import type { Container } from '../kinds/generated/types.ts'
import type { ContainerRuntime, Mount, ObservedContainer } from './runtime.ts'

/** Kubelet's MaxContainerTerminationMessageLength, and what it takes of a log instead. */
const maxBytes = 4096
const maxLogBytes = 2048
const maxLogLines = 80

const fileOf = (dir: string, container: string, attempt: number): string => join(dir, 'containers', container, String(attempt))

/** An empty file where the container may say why it ended. */
export async function terminationMount(dir: string, container: Container, attempt: number): Promise<Mount> {
  const source = fileOf(dir, container.name, attempt)
  await mkdir(join(dir, 'containers', container.name), { recursive: true })
  await writeFile(source, '')
  await chmod(source, 0o666)
  return { source, target: container.terminationMessagePath ?? '/dev/termination-log', readOnly: false }
}

/**
 * Why a container says it ended: the end of what it wrote to that file; when it wrote nothing and failed, the end of its
 * log, if its policy says so. '' when neither says anything.
 */
export async function terminationMessage(dir: string, ended: ObservedContainer, policy: string | undefined, runtime: Pick<ContainerRuntime, 'logs'>): Promise<string> {
  const written = await endOf(fileOf(dir, ended.name, ended.attempt))
  // what could not be started has no log
  const asksLog = policy === 'FallbackToLogsOnError' && ended.exitCode !== 0 && ended.startedAt !== undefined
  if (written !== '' || !asksLog) return written
  try {
    return await endOfLog(ended.id, runtime)
  } catch (error) {
    return `Error on reading termination message from logs: ${errorMessage(error)}`
  }
}

async function endOf(path: string): Promise<string> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const end = Buffer.alloc(Math.min(size, maxBytes))
      const { bytesRead } = await file.read(end, 0, end.length, size - end.length)
      return end.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    return `Error on reading termination log ${path}: ${errorMessage(error)}`
  }
}

async function endOfLog(id: string, runtime: Pick<ContainerRuntime, 'logs'>): Promise<string> {
  let end = Buffer.alloc(0)
  const log = await runtime.logs(id, { follow: false, timestamps: false, tailLines: maxLogLines, since: undefined })
  for await (const chunk of log) end = Buffer.concat([end, chunk as Buffer]).subarray(-maxLogBytes)
  return end.toString('utf8')
}
