import { errorMessage } from '../base/log.ts'
import type { Container, Pod } from '../kinds/generated/types.ts'
import type { WorkerContext } from './worker.ts'

/** The image cannot be had; `reason` is the container's waiting reason. */
export class ImageError extends Error {
  readonly reason: 'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName'

  constructor(reason: ImageError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

const tagOf = (image: string): string => {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return last.includes('@') ? last : (last.split(':')[1] ?? 'latest')
}

/** Kubernetes' default: Always for `latest`, else IfNotPresent. */
export const pullPolicy = (container: Container): 'Always' | 'IfNotPresent' | 'Never' =>
  container.imagePullPolicy ?? (tagOf(container.image ?? '') === 'latest' ? 'Always' : 'IfNotPresent')

/**
 * Pulls the image if its policy asks for that.
 *
 * @throws ImageError after the events that say why
 */
export async function ensureImage(container: Container, pod: Pod, { runtime, recorder, clock }: WorkerContext): Promise<void> {
  const image = container.image ?? ''
  const policy = pullPolicy(container)
  if (!/^[\w.:/@-]+$/.test(image)) {
    const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`
    recorder.event(pod, 'Warning', 'InspectFailed', message)
    throw new ImageError('InvalidImageName', message)
  }
  const present = policy === 'Always' ? undefined : await runtime.imageId(image)
  if (present !== undefined) return recorder.event(pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine`)
  if (policy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    recorder.event(pod, 'Warning', 'ErrImageNeverPull', message)
    recorder.event(pod, 'Warning', 'Failed', 'Error: ErrImageNeverPull')
    throw new ImageError('ErrImageNeverPull', message)
  }
  recorder.event(pod, 'Normal', 'Pulling', `Pulling image "${image}"`)
  const began = clock.now()
  try {
    await runtime.pullImage(image)
  } catch (error) {
    const message = errorMessage(error)
    recorder.event(pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
    recorder.event(pod, 'Warning', 'Failed', 'Error: ErrImagePull')
    throw new ImageError('ErrImagePull', message)
  }
  recorder.event(pod, 'Normal', 'Pulled', `Successfully pulled image "${image}" in ${((clock.now() - began) / 1000).toFixed(3)}s`)
}
