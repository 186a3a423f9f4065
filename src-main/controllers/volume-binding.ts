import { parseQuantity } from '../base/quantity.ts'
import { labelSelector, matches } from '../base/selector.ts'
import { classNameOf, type PersistentVolume } from '../kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import { keyOf } from '../kinds/meta.ts'
import type { StorageClass } from '../kinds/storage/storage-class.ts'

/** Who tied a claim and a volume together, and whether both know. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const bindCompleted = 'pv.kubernetes.io/bind-completed'
const provisionedBy = 'pv.kubernetes.io/provisioned-by'
const betaClass = 'volume.beta.kubernetes.io/storage-class'
const ownProvisioners = 'kubernetes.io/'

interface Said {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** What becomes of a claim: a volume, the class it said nothing of, or a phase with what there is to say about it. */
export type ClaimPlan =
  | { readonly bind: PersistentVolume }
  | { readonly joins: string }
  | { readonly phase: 'Pending' | 'Lost'; readonly event?: Said; readonly provisioner?: string }

/** What becomes of a volume; `claim` is to be looked at when nothing does. */
export type VolumePlan =
  | { readonly phase: 'Available' | 'Bound' | 'Released' | 'Failed'; readonly message?: string; readonly event?: Said }
  | { readonly unbind: true }
  | { readonly claim: string }

const warning = (reason: string, message: string): Said => ({ type: 'Warning', reason, message })
const normal = (reason: string, message: string): Said => ({ type: 'Normal', reason, message })

const capacityOf = ({ spec }: PersistentVolume): number => parseQuantity(spec?.capacity?.['storage'] ?? '0') ?? 0
const requestOf = ({ spec }: PersistentVolumeClaim): number => parseQuantity(spec?.resources?.requests?.['storage'] ?? '0') ?? 0
const modesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): readonly string[] => spec?.accessModes ?? []
const hasModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => modesOf(claim).every((mode) => modesOf(volume).includes(mode))
const sameMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem')
const sameAttributes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeAttributesClassName ?? '') === (claim.spec?.volumeAttributesClassName ?? '')

/** Whether the volume is kept for that claim, by name or, once it is bound, by uid. */
export function isKeptFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const reference = spec?.claimRef
  if (!reference || reference.name !== metadata.name || reference.namespace !== metadata.namespace) return false
  return !reference.uid || reference.uid === metadata.uid
}

/**
 * The volume that serves a claim best, as Kubernetes chooses it: with the fewest access modes that will do, one that is kept for
 * the claim before others, then the smallest.
 *
 * @param waits  only a volume that is kept for the claim will do
 */
export function bestVolume(claim: PersistentVolumeClaim, volumes: Iterable<PersistentVolume>, waits: boolean): PersistentVolume | undefined {
  const selector = claim.spec?.selector && labelSelector(claim.spec.selector)
  const fits = (volume: PersistentVolume): boolean => {
    if (volume.metadata.deletionTimestamp || capacityOf(volume) < requestOf(claim)) return false
    if (!hasModes(volume, claim) || !sameMode(volume, claim) || !sameAttributes(volume, claim)) return false
    if (volume.spec?.claimRef) return isKeptFor(volume, claim)
    if (waits || volume.status?.phase !== 'Available' || classNameOf(volume) !== classNameOf(claim)) return false
    return !selector || matches(selector, volume.metadata.labels)
  }
  const kept = (volume: PersistentVolume): number => (isKeptFor(volume, claim) ? 0 : 1)
  return [...volumes].filter(fits).sort((a, b) => modesOf(a).length - modesOf(b).length || kept(a) - kept(b) || capacityOf(a) - capacityOf(b))[0]
}

/** Why a volume that a claim asks for by name will not do. */
function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`
  if (capacityOf(volume) < requestOf(claim)) return 'requested PV is too small'
  if (classNameOf(volume) !== classNameOf(claim)) return 'storageClassName does not match'
  if (!sameAttributes(volume, claim)) return 'volumeAttributesClassName does not match'
  if (!sameMode(volume, claim)) return 'incompatible volumeMode'
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode'
}

/** What there is to know about a claim. */
export interface ClaimFacts {
  readonly volumes: readonly PersistentVolume[]
  readonly class: StorageClass | undefined
  /** Of claims that say nothing of a class. */
  readonly defaultClass: StorageClass | undefined
  /** Names of pods that use the claim and have no node yet. */
  readonly waitingPods: readonly string[]
}

export function planClaim(claim: PersistentVolumeClaim, facts: ClaimFacts): ClaimPlan {
  const wanted = claim.spec?.volumeName
  const volume = wanted ? facts.volumes.find(({ metadata }) => metadata.name === wanted) : undefined
  if (claim.metadata.annotations?.[bindCompleted] !== undefined) return planBound(claim, volume)
  if (!wanted) return planUnbound(claim, facts)
  if (!volume) return { phase: 'Pending' }
  if (isKeptFor(volume, claim)) return { bind: volume }
  const name = JSON.stringify(wanted)
  if (volume.spec?.claimRef) return { phase: 'Pending', event: warning('FailedBinding', `volume ${name} already bound to a different claim.`) }
  const why = mismatch(volume, claim)
  return why ? { phase: 'Pending', event: warning('VolumeMismatch', `Cannot bind to requested volume ${name}: ${why}`) } : { bind: volume }
}

function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  const lost = (reason: string, message: string): ClaimPlan => ({ phase: 'Lost', event: warning(reason, message) })
  if (!claim.spec?.volumeName) return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  const { claimRef } = volume.spec ?? {}
  if (!claimRef || claimRef.uid === claim.metadata.uid) return { bind: volume }
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
}

function planUnbound(claim: PersistentVolumeClaim, { volumes, class: storageClass, defaultClass, waitingPods }: ClaimFacts): ClaimPlan {
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
  const volume = bestVolume(claim, volumes, waits)
  if (volume) return { bind: volume }
  if (defaultClass?.metadata.name && claim.spec?.storageClassName === undefined && claim.metadata.annotations?.[betaClass] === undefined) return { joins: defaultClass.metadata.name }
  if (waits && claim.metadata.annotations?.['volume.kubernetes.io/selected-node'] === undefined) return { phase: 'Pending', event: waitingFor(waitingPods) }
  const className = classNameOf(claim)
  if (!className) return { phase: 'Pending', event: normal('FailedBinding', 'no persistent volumes available for this claim and no storage class is set') }
  if (!storageClass) return { phase: 'Pending', event: warning('ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(className)} not found`) }
  const { provisioner } = storageClass
  if (provisioner.startsWith(ownProvisioners)) return { phase: 'Pending', event: warning('ProvisioningFailed', `no volume plugin matched name: ${provisioner}`) }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  return { phase: 'Pending', provisioner, event: normal('ExternalProvisioning', message) }
}

function waitingFor(pods: readonly string[]): Said {
  if (pods.length === 0) return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  return normal('WaitForPodScheduled', `waiting for pod${pods.length > 1 ? 's' : ''} ${pods.join(',')} to be scheduled`)
}

/** @param claim  of the name that the volume is kept for */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const reference = volume.spec?.claimRef
  if (!reference?.uid) return { phase: 'Available' }
  if (claim?.metadata.uid !== reference.uid) return planReclaim(volume)
  const { volumeName } = claim.spec ?? {}
  if (volumeName === volume.metadata.name) return { phase: 'Bound' }
  if (!volumeName) return { claim: keyOf(claim) }
  const isProvisioned = volume.metadata.annotations?.[provisionedBy] !== undefined && volume.spec?.persistentVolumeReclaimPolicy === 'Delete'
  return isProvisioned ? planReclaim(volume) : { unbind: true }
}

/** Whoever made a volume also deletes it; nobody here can do it instead, nor empty one. */
function planReclaim({ metadata, spec, status }: PersistentVolume): VolumePlan {
  const failed = (reason: string, message: string): VolumePlan => ({ phase: 'Failed', message, event: warning(reason, message) })
  if (status?.phase === 'Failed') return { phase: 'Failed' }
  const policy = spec?.persistentVolumeReclaimPolicy
  if (policy === 'Recycle') return failed('VolumeFailedRecycle', 'No recycler plugin found for the volume!')
  if (policy !== 'Delete' || metadata.deletionTimestamp) return { phase: 'Released' }
  const provisioner = metadata.annotations?.[provisionedBy]
  if (!provisioner) return failed('VolumeFailedDelete', `error getting deleter volume plugin for volume ${JSON.stringify(metadata.name)}: no deletable volume plugin matched`)
  return provisioner.startsWith(ownProvisioners) ? failed('VolumeFailedDelete', `no volume plugin matched name: ${provisioner}`) : { phase: 'Released' }
}
