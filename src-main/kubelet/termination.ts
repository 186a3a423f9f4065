import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container } from '../kinds/generated/types.ts'
import type { Mount } from './runtime.ts'

/** Kubernetes' limit of a termination message. */
const maxBytes = 4096

const fileOf = (dir: string, container: string, attempt: number): string => join(dir, 'containers', container, String(attempt))

/** An empty file where the container may say why it ended. */
export async function terminationMount(dir: string, container: Container, attempt: number): Promise<Mount> {
  const source = fileOf(dir, container.name, attempt)
  await mkdir(join(dir, 'containers', container.name), { recursive: true })
  await writeFile(source, '')
  await chmod(source, 0o666)
  return { source, target: container.terminationMessagePath ?? '/dev/termination-log', readOnly: false }
}

/** What the container wrote there; '' when nothing. */
export async function terminationMessage(dir: string, container: string, attempt: number): Promise<string> {
  const text = await readFile(fileOf(dir, container, attempt)).catch(() => Buffer.alloc(0))
  return text.subarray(0, maxBytes).toString('utf8')
}
