import type { Container, EnvFromSource, EphemeralContainer, Pod, Volume } from '../../kinds/generated/types.ts'

/** What a pod refers to, so that the node that runs it may read it: `secrets/<namespace>/<name>` and the like. */
export function podReferences({ metadata, spec }: Pick<Readonly<Pod>, 'metadata' | 'spec'>): string[] {
  if (!spec) return []
  const { namespace = '' } = metadata
  const found = new Set<string>()
  const add = (resource: string, name: string | undefined): void => {
    if (name) found.add(`${resource}/${namespace}/${name}`)
  }
  add('serviceaccounts', spec.serviceAccountName)
  for (const { name } of spec.imagePullSecrets ?? []) add('secrets', name)
  for (const container of containersOf(spec)) ofContainer(container, add)
  for (const volume of spec.volumes ?? []) ofVolume(volume, metadata.name ?? '', add)
  return [...found]
}

type Add = (resource: string, name: string | undefined) => void

const containersOf = ({ containers, initContainers = [], ephemeralContainers = [] }: NonNullable<Pod['spec']>) =>
  [...(containers ?? []), ...initContainers, ...ephemeralContainers] as Array<Container | EphemeralContainer>

function ofContainer({ env = [], envFrom = [] }: Container | EphemeralContainer, add: Add): void {
  for (const { valueFrom } of env) {
    add('configmaps', valueFrom?.configMapKeyRef?.name)
    add('secrets', valueFrom?.secretKeyRef?.name)
  }
  for (const { configMapRef, secretRef } of envFrom as EnvFromSource[]) {
    add('configmaps', configMapRef?.name)
    add('secrets', secretRef?.name)
  }
}

function ofVolume(volume: Volume, podName: string, add: Add): void {
  add('configmaps', volume.configMap?.name)
  add('secrets', volume.secret?.secretName)
  add('persistentvolumeclaims', volume.persistentVolumeClaim?.claimName)
  if (volume.ephemeral) add('persistentvolumeclaims', `${podName}-${volume.name}`)
  for (const { configMap, secret } of volume.projected?.sources ?? []) {
    add('configmaps', configMap?.name)
    add('secrets', secret?.name)
  }
  const { azureFile, cephfs, cinder, csi, flexVolume, iscsi, rbd, scaleIO, storageos } = volume
  add('secrets', azureFile?.secretName)
  add('secrets', csi?.nodePublishSecretRef?.name)
  for (const source of [cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos])
    add('secrets', source?.secretRef?.name)
}
