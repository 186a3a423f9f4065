import type { Container, PodSpec, PodStatus, PodTemplateSpec } from '../generated/types.ts'

type Spec = Readonly<PodSpec> | undefined

/**
 * Drops what belongs to features that Kubernetes 1.36 leaves off (ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest,
 * GenericWorkload), unless `old` uses the feature already. Changes `spec`.
 */
export function dropDisabledFields(spec: PodSpec | undefined, old?: Spec): void {
  if (!spec) return
  if (spec.schedulingGroup && !old?.schedulingGroup) delete spec.schedulingGroup
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers as Container[] | undefined]) {
    for (const container of list ?? []) if (container.lifecycle?.stopSignal && !hasStopSignals(old)) dropStopSignal(container)
  }
  for (const { projected } of spec.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.clusterTrustBundle && !projects(old, 'clusterTrustBundle')) delete source.clusterTrustBundle
      if (source.podCertificate && !projects(old, 'podCertificate')) delete source.podCertificate
    }
  }
}

/** The same of the template that a workload makes its pods of. Changes `template`. */
export const dropDisabledOfTemplate = (template: PodTemplateSpec | undefined, old?: Readonly<PodTemplateSpec>): void =>
  dropDisabledFields(template?.spec, old?.spec)

/** The same of what is reported about a pod (ImageVolumeWithDigest, DRANodeAllocatableResources; signals may be told). Changes `status`. */
export function dropDisabledStatus(status: PodStatus | undefined, old: Readonly<PodStatus> | undefined): void {
  if (!status) return
  if (status.nodeAllocatableResourceClaimStatuses && !old?.nodeAllocatableResourceClaimStatuses?.length) delete status.nodeAllocatableResourceClaimStatuses
  for (const reported of reportedOf(status)) {
    for (const mount of reported.volumeMounts ?? []) {
      if (mount.volumeStatus && !reportedOf(old).some(({ volumeMounts }) => volumeMounts?.some(({ volumeStatus }) => volumeStatus))) delete mount.volumeStatus
    }
  }
}

const reportedOf = (status: Readonly<PodStatus> | undefined) =>
  [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? []), ...(status?.ephemeralContainerStatuses ?? [])]

function dropStopSignal(container: Container): void {
  const { stopSignal: _stopSignal, ...rest } = container.lifecycle ?? {}
  if (Object.keys(rest).length === 0) delete container.lifecycle
  else container.lifecycle = rest
}

const hasStopSignals = (spec: Spec): boolean =>
  [spec?.containers, spec?.initContainers, spec?.ephemeralContainers].some((list) => list?.some(({ lifecycle }) => lifecycle?.stopSignal))

const projects = (spec: Spec, kind: 'clusterTrustBundle' | 'podCertificate'): boolean =>
  spec?.volumes?.some(({ projected }) => projected?.sources?.some((source) => source[kind])) ?? false
