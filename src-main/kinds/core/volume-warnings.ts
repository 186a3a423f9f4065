import type { PersistentVolume } from '../generated/types.ts'
import { oldClassAnnotation } from './claim-warnings.ts'
import { type GoneSource, warnOfGone } from './gone-sources.ts'
import { warnOfNodeTerm } from './node-labels.ts'

const oldOptions = 'volume.beta.kubernetes.io/mount-options'

const gone: readonly GoneSource[] = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd']

/** What a client is told of a PersistentVolume. */
export function warnOfVolume({ metadata: { annotations = {} }, spec = {} }: Readonly<PersistentVolume>): string[] {
  const annotated = (name: string, sentence: string): string[] => (Object.hasOwn(annotations, name) ? [`metadata.annotations[${name}]: ${sentence}`] : [])
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return [
    ...annotated(oldClassAnnotation, 'deprecated since v1.8; use "storageClassName" attribute instead'),
    ...annotated(oldOptions, 'deprecated since v1.31; use "mountOptions" attribute instead'),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? ['spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning'] : []),
    ...terms.flatMap((term, i) => warnOfNodeTerm(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, false)),
    ...warnOfGone(spec, gone, () => 'spec'),
  ]
}
