import type Docker from 'dockerode'
import { ignoring } from './docker-errors.ts'

/** With the tag that is meant when none is said: asked without one, the engine pulls every tag. */
export function pullReference(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return last.includes(':') || last.includes('@') ? image : `${image}:latest`
}

export const findImage = (docker: Docker, image: string): Promise<string | undefined> =>
  docker.getImage(pullReference(image)).inspect().then((found): string | undefined => found.Id, ignoring(404))

/** Resolves when the image is here; rejects with the engine's words. */
export async function pull(docker: Docker, reference: string): Promise<void> {
  const progress: NodeJS.ReadableStream = await docker.pull(reference)
  await followed(docker, progress)
}

/** Reads a progress stream to its end, where an error can still come. */
export function followed(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
