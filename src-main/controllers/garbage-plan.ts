import type { OwnerReference } from '../kinds/generated/types.ts'
import type { KubeObject } from '../kinds/meta.ts'

export const foreground = 'foregroundDeletion'
export const orphan = 'orphan'

/** What became of an owner. `unknown` kinds may be anybody's: such a reference is left alone. */
export type OwnerState = 'present' | 'absent' | 'waitsForDependents' | 'unknown'

export type GarbagePlan =
  | { readonly act: 'nothing' }
  /** The object stays, without the references to owners that are gone or going. */
  | { readonly act: 'disown'; readonly ownerReferences: readonly OwnerReference[] }
  /** It is in a circle of owners: it stops blocking its own, so that the circle opens; looked at again after that. */
  | { readonly act: 'unblockOwners'; readonly ownerReferences: readonly OwnerReference[] }
  | { readonly act: 'delete'; readonly propagationPolicy: 'Background' | 'Foreground' | 'Orphan' }
  /** Its dependents lose their reference to it, then `orphan` leaves the finalizers. */
  | { readonly act: 'orphanDependents' }
  /** Its dependents go before it does. */
  | { readonly act: 'awaitDependents' }
  /** Nothing holds it back any more. */
  | { readonly act: 'release'; readonly finalizer: typeof foreground }

export const isWaiting = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(foreground)

/** The references to one owner. */
export const referencesTo = ({ metadata }: KubeObject, uid: string | undefined): OwnerReference[] =>
  (metadata.ownerReferences ?? []).filter((reference) => reference.uid === uid)

/** Whether a dependent keeps its owner from going in the foreground. */
export const blocks = (dependent: KubeObject, uid: string | undefined): boolean =>
  referencesTo(dependent, uid).some(({ blockOwnerDeletion }) => blockOwnerDeletion)

/**
 * What to do with an object for the sake of its owners and dependents, as kube-controller-manager's garbage collector.
 *
 * @param owners  the state of each of its owner references, in their order
 * @param dependents  objects that name it as an owner
 */
export function planGarbage(
  object: KubeObject,
  owners: readonly OwnerState[],
  dependents: readonly KubeObject[],
): GarbagePlan {
  const { deletionTimestamp, finalizers = [], ownerReferences = [], uid } = object.metadata
  if (deletionTimestamp) {
    if (finalizers.includes(orphan)) return { act: 'orphanDependents' }
    if (!finalizers.includes(foreground)) return { act: 'nothing' }
    return dependents.some((dependent) => blocks(dependent, uid))
      ? { act: 'awaitDependents' }
      : { act: 'release', finalizer: foreground }
  }
  const lost = owners.filter((state) => state === 'absent' || state === 'waitsForDependents')
  if (lost.length === 0) return { act: 'nothing' }
  if (lost.length < owners.length) {
    return {
      act: 'disown',
      ownerReferences: ownerReferences.filter((_, index) => owners[index] === 'present' || owners[index] === 'unknown'),
    }
  }
  const circle = owners.includes('waitsForDependents') && dependents.some(isWaiting)
  if (circle && ownerReferences.some(({ blockOwnerDeletion }) => blockOwnerDeletion)) {
    return { act: 'unblockOwners', ownerReferences: ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false })) }
  }
  return { act: 'delete', propagationPolicy: policyOf(finalizers, owners, dependents) }
}

function policyOf(
  finalizers: readonly string[],
  owners: readonly OwnerState[],
  dependents: readonly KubeObject[],
): 'Background' | 'Foreground' | 'Orphan' {
  if (owners.includes('waitsForDependents') && dependents.length > 0) return 'Foreground'
  if (finalizers.includes(orphan)) return 'Orphan'
  return finalizers.includes(foreground) ? 'Foreground' : 'Background'
}
