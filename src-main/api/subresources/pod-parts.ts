import type { Pod } from '../../kinds/core/pod.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { planEphemeralContainers } from './ephemeral-containers.ts'
import { planResize } from './resize.ts'

const plans = { ephemeralcontainers: planEphemeralContainers, resize: planResize } as const

export type PodPart = keyof typeof plans

/** Subresources through which one part of a pod changes that its own path does not let change. */
export const isPodPart = (kind: AnyKind, subresource: string | undefined): subresource is PodPart =>
  subresource !== undefined && Object.hasOwn(plans, subresource) && kind.kind === 'Pod' && kind.group === ''

/** The pod with that part as it is wished, and nothing else. @throws StatusError 422 */
export const planPodPart = (incoming: Readonly<Pod>, old: Readonly<Pod>, part: PodPart): KubeObject => plans[part](incoming, old)
