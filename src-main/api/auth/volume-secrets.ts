import type { PersistentVolume } from '../../kinds/generated/types.ts'

/** A SecretReference, or the two fields that an Azure file has instead. */
interface SecretName {
  readonly name?: string | null
  readonly namespace?: string | null
}

/** The Secrets that a kubelet needs to mount a volume, as `namespace/name`: those of no namespace are in the claim's. */
export function volumeSecrets({ spec }: Readonly<PersistentVolume>): string[] {
  if (!spec) return []
  const { azureFile, csi } = spec
  const named: ReadonlyArray<SecretName | undefined> = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    ...[spec.cephfs, spec.cinder, spec.flexVolume, spec.iscsi, spec.rbd, spec.scaleIO, spec.storageos].map((source) => source?.secretRef),
    csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef,
  ]
  return named.flatMap((secret) => (secret?.name ? [`${secret.namespace || spec.claimRef?.namespace || ''}/${secret.name}`] : []))
}
