import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { pack } from 'tar-stream'
import { findImage, followed } from './docker-images.ts'

/** Raised when the binary changes. */
export const pauseImage = 'wheelhouse/pause:2'

/** Gives the engine the sandbox image out of this app's own files: no registry is asked. */
export async function ensurePauseImage(docker: Docker, resourcesDir: string, architecture: string): Promise<void> {
  if ((await findImage(docker, pauseImage)) !== undefined) return
  const file = join(resourcesDir, 'pause', `pause-${architecture}`)
  const binary = await readFile(file).catch(() => {
    throw new Error(`this Docker engine runs ${architecture}, for which Wheelhouse has no pause program (${file}): pods cannot run on it. Use an engine on amd64 or arm64.`)
  })
  const archive = pack()
  archive.entry({ name: 'pause', mode: 0o755 }, binary)
  archive.finalize()
  const [repo, tag] = pauseImage.split(':')
  // the archive is a kilobyte: whole, so that the request has a length
  const tar = Readable.from([await buffer(archive)])
  const progress: NodeJS.ReadableStream = await docker.importImage(tar, { repo, tag, changes: 'ENTRYPOINT ["/pause"]' })
  await followed(docker, progress)
}
