import { amountOf } from '../../base/amount.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../generated/types.ts'

export const oldClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** What a client is told of a claim, or of a template of one: `at` is its spec. */
export const warnOfClaimSpec = ({ resources }: Readonly<PersistentVolumeClaimSpec>, at: string): string[] =>
  (['requests', 'limits'] as const).flatMap((list) => {
    const size = resources?.[list]?.['storage']
    if (size === undefined || amountOf(size).nano % 1_000_000_000n === 0n) return []
    return [`${at}.resources.${list}[storage]: fractional byte value ${JSON.stringify(size)} is invalid, must be an integer`]
  })

export const warnOfClaim = ({ metadata, spec }: Readonly<PersistentVolumeClaim>): string[] => [
  ...(metadata.annotations?.[oldClassAnnotation] === undefined ? [] : [`metadata.annotations[${oldClassAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
  ...(spec ? warnOfClaimSpec(spec, 'spec') : []),
]
