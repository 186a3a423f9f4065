import type { Container, ObjectMeta, PodSpec } from '../../../kinds/generated/types.ts'

/** What a check is given: the pod, or the pod that a workload would make. */
export interface Checked {
  readonly metadata: Pick<ObjectMeta, 'annotations'>
  readonly spec: PodSpec
  /** Of the policy: 36 is v1.36. */
  readonly minor: number
}

export interface Violation {
  readonly reason: string
  readonly detail: string
}

/** One rule of the Pod Security Standards, as k8s.io/pod-security-admission names it. */
export interface Check {
  readonly id: string
  /** The minor version whose policy has it first. */
  readonly since: number
  /** A weaker rule that this one makes pointless. */
  readonly overrides?: string
  check(checked: Checked): Violation | undefined
}

/** In the order in which violations name them. */
export const containersOf = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...((spec.ephemeralContainers ?? []) as Container[]),
]

export const namesWhere = (spec: PodSpec, bad: (container: Container) => boolean): string[] =>
  containersOf(spec).filter(bad).map(({ name }) => name)

export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many)
export const quoted = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ')
export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

/** `container "a"`, `containers "a", "b"` */
export const containersNamed = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`

/** `pod and container "a"`; undefined when nobody did it. */
export function setters(pod: boolean, containers: readonly string[]): string | undefined {
  const parts = [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [containersNamed(containers)] : [])]
  return parts.length > 0 ? parts.join(' and ') : undefined
}
