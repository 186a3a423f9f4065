import type { Informers, Seen } from '../client/informer.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { service as serviceKind, type Service } from '../kinds/core/service.ts'
import type { ObjectReference, ServicePort } from '../kinds/generated/types.ts'
import { keyOf } from '../kinds/meta.ts'
import type { Watch } from './controller.ts'
import { mapSelects, namesIn } from './map-selector.ts'
import { isReady } from './pod-state.ts'

export interface BackendPort {
  readonly name?: string
  readonly port: number
  readonly protocol: 'SCTP' | 'TCP' | 'UDP'
  readonly appProtocol?: string
}

/** A pod behind a Service, as both kinds of endpoints tell of it. */
export interface Backend {
  readonly pod: Pod
  readonly ips: readonly string[]
  readonly ready: boolean
  readonly terminating: boolean
  readonly nodeName?: string
  readonly hostname?: string
  readonly targetRef: ObjectReference
  /** The Service's ports as this pod names them; a port that it does not have is left out. */
  readonly ports: readonly BackendPort[]
}

/** Only a Service that selects pods gets its endpoints from here; those of others are written by somebody else. */
export const selectsPods = ({ spec }: Service): boolean =>
  namesIn(spec?.selector).length > 0 && spec?.type !== 'ExternalName'

/** The pods that can stand behind the Service: selected, with an address, not finished; ordered by name. */
export function backendsOf(service: Service, pods: Iterable<Pod>): Backend[] {
  const backends: Backend[] = []
  for (const pod of pods) {
    const { metadata, spec, status } = pod
    if (
      !mapSelects(service.spec?.selector, metadata.labels ?? {}) ||
      !status?.podIP ||
      status.phase === 'Succeeded' ||
      status.phase === 'Failed'
    )
      continue
    const { name, namespace, uid } = metadata
    backends.push({
      pod,
      ips: status.podIPs?.map(({ ip }) => ip) ?? [status.podIP],
      ready: isReady(pod),
      terminating: metadata.deletionTimestamp !== undefined,
      ...(spec?.nodeName ? { nodeName: spec.nodeName } : {}),
      ...(spec?.hostname && spec.subdomain === service.metadata.name ? { hostname: spec.hostname } : {}),
      targetRef: { kind: 'Pod', namespace, name, uid },
      ports: (service.spec?.ports ?? []).flatMap((port) => resolved(port, pod)),
    })
  }
  return backends.sort((a, b) => (a.pod.metadata.name ?? '').localeCompare(b.pod.metadata.name ?? ''))
}

function resolved(
  { name, port, targetPort = port, protocol = 'TCP', appProtocol }: ServicePort,
  pod: Pod,
): BackendPort[] {
  const number = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, protocol)
  return number === undefined
    ? []
    : [{ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) }]
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const ports = [...(spec?.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? [])
  return ports.find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort
}

/** Queues the Services that select the pod, or did before the change. */
export const servicesOfPods: Watch = {
  kind: podKind,
  *keys({ object, old }: Seen<Pod>, informers: Informers) {
    for (const service of informers.of(serviceKind).list(object.metadata.namespace)) {
      if ([object, old].some((pod) => pod && mapSelects(service.spec?.selector, pod.metadata.labels ?? {}))) yield keyOf(service)
    }
  },
}
