import type { Pod } from '../kinds/generated/types.ts'

/** Whose a container is. */
export interface Owner {
  readonly cluster: string
  readonly node: string
}

const clusterLabel = 'wheelhouse.dev/cluster'
const nodeLabel = 'wheelhouse.dev/node'

/** The names dockershim gave them, so that other tools recognise the containers. */
export const podLabels = {
  name: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
  type: 'io.kubernetes.docker.type',
  sandbox: 'io.kubernetes.sandbox.id',
  attempt: 'wheelhouse.dev/attempt',
  /** As the pod named it: the engine shows only what it resolved to. */
  image: 'wheelhouse.dev/image',
} as const

export const ownerFilter = ({ cluster, node }: Owner): string[] => [`${clusterLabel}=${cluster}`, `${nodeLabel}=${node}`]

export const labelsOf = (pod: Pod, owner: Owner, attempt: number, more: Record<string, string>): Record<string, string> => ({
  [podLabels.name]: pod.metadata.name ?? '',
  [podLabels.namespace]: pod.metadata.namespace ?? '',
  [podLabels.uid]: pod.metadata.uid ?? '',
  [podLabels.attempt]: String(attempt),
  [clusterLabel]: owner.cluster,
  [nodeLabel]: owner.node,
  ...more,
})

export const dockerName = (container: string, pod: Pod, attempt: number): string =>
  ['k8s', container, pod.metadata.name, pod.metadata.namespace, pod.metadata.uid, attempt].join('_')
