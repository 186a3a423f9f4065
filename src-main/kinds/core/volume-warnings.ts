import type { PersistentVolume, PersistentVolumeSpec } from '../generated/types.ts'
import { oldClassAnnotation } from './claim-warnings.ts'
import { warnOfNodeTerm } from './node-labels.ts'

const oldOptions = 'volume.beta.kubernetes.io/mount-options'

/** Sources that no kubelet has any more, with the names that Kubernetes gives them here. */
const gone: ReadonlyArray<readonly [source: keyof PersistentVolumeSpec, name: string, sentence: string]> = [
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** What a client is told of a PersistentVolume. */
export function warnOfVolume({ metadata: { annotations = {} }, spec = {} }: Readonly<PersistentVolume>): string[] {
  const annotated = (name: string, sentence: string): string[] => (Object.hasOwn(annotations, name) ? [`metadata.annotations[${name}]: ${sentence}`] : [])
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return [
    ...annotated(oldClassAnnotation, 'deprecated since v1.8; use "storageClassName" attribute instead'),
    ...annotated(oldOptions, 'deprecated since v1.31; use "mountOptions" attribute instead'),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? ['spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning'] : []),
    ...terms.flatMap((term, i) => warnOfNodeTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, false)),
    ...gone.flatMap(([source, name, sentence]) => (spec[source] === undefined ? [] : [`spec.${name}: ${sentence}`])),
  ]
}
