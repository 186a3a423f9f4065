import type { Seen } from '../client/informer.ts'
import { persistentVolume as volumeKind, type PersistentVolume } from '../kinds/core/persistent-volume.ts'
import { persistentVolumeClaim as claimKind, type PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import type { Kind } from '../kinds/kind.ts'
import { controllerOf, type KubeObject } from '../kinds/meta.ts'
import { protectionOf } from '../kinds/storage/protection.ts'
import { volumeAttributesClass as classKind, type VolumeAttributesClass } from '../kinds/storage/volume-attributes-class.ts'
import { type Context, type Controller, done, every, type Watch } from './controller.ts'

/** Claims that the pod names, or that were made for its ephemeral volumes. */
const claimNames = ({ metadata, spec }: Pod): string[] =>
  (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => persistentVolumeClaim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : []))

/** A kubelet starts no pod with a claim that is going, so only pods that have a node count. */
export function usesClaim(pod: Pod, { metadata }: PersistentVolumeClaim): boolean {
  if (!pod.spec?.nodeName || pod.metadata.namespace !== metadata.namespace) return false
  const isShutDown = pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds === 0
  return (pod.spec.volumes ?? []).some(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return persistentVolumeClaim.claimName === metadata.name
    return ephemeral !== undefined && !isShutDown && `${pod.metadata.name}-${name}` === metadata.name && controllerOf({ metadata })?.uid === pod.metadata.uid
  })
}

const claimsOfLeavingPods: Watch = {
  kind: podKind,
  *keys({ type, object }: Seen<Pod>) {
    if (type !== 'deleted' && !object.metadata.deletionTimestamp) return
    for (const name of claimNames(object)) yield `${object.metadata.namespace}/${name}`
  },
}

/** Whoever no longer names a class may have been its last user. */
const classesOf = (kind: typeof claimKind | typeof volumeKind): Watch => ({
  kind,
  keys: ({ type, object, old }: Seen<PersistentVolume | PersistentVolumeClaim>) => {
    const now = type === 'deleted' ? [] : namedClasses(object)
    return [...namedClasses(object), ...(old ? namedClasses(old) : [])].filter((name) => !now.includes(name))
  },
})

const namedClasses = (object: PersistentVolume | PersistentVolumeClaim): string[] => {
  const status = (object as PersistentVolumeClaim).status
  return [object.spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].flatMap((name) => name || [])
}

interface Protection<T extends KubeObject> {
  readonly name: string
  readonly kind: Kind<T>
  /** What may end a use. */
  readonly watches: readonly Watch[]
  isUsed(object: T, context: Context): Promise<boolean>
}

/** Takes the finalizer off what is being deleted and no longer used, and puts it on what came without. */
const protection = <T extends KubeObject>({ name, kind, watches, isUsed }: Protection<T>): Controller => ({
  name,
  watches: [every(kind), ...watches],
  async reconcile(key, context) {
    const object = await context.read(kind, key)
    const finalizer = protectionOf(kind)
    if (!object || !finalizer) return done
    const { finalizers = [], deletionTimestamp } = object.metadata
    const isProtected = finalizers.includes(finalizer)
    if (deletionTimestamp ? !isProtected || (await isUsed(object, context)) : isProtected) return done
    const wished = isProtected ? finalizers.filter((each) => each !== finalizer) : [...finalizers, finalizer]
    await context.client.update(kind, { ...object, metadata: { ...object.metadata, finalizers: wished } })
    return done
  },
})

/** A pod may be newer than what a cache shows of it, so the server has the last word. */
async function isClaimUsed(claim: PersistentVolumeClaim, { client, readAll }: Context): Promise<boolean> {
  const uses = (pod: Pod): boolean => usesClaim(pod, claim)
  const { namespace } = claim.metadata
  return (await readAll(podKind, namespace)).some(uses) || (await client.list(podKind, namespace ? { namespace } : {})).items.some(uses)
}

async function isClassUsed({ metadata: { name = '' } }: VolumeAttributesClass, { readAll }: Context): Promise<boolean> {
  const users = [...(await readAll(claimKind)), ...(await readAll(volumeKind))]
  return users.some((user) => namedClasses(user).includes(name))
}

export const claimProtection = protection({ name: 'pvc-protection-controller', kind: claimKind, watches: [claimsOfLeavingPods], isUsed: isClaimUsed })

export const volumeProtection = protection({
  name: 'pv-protection-controller', kind: volumeKind, watches: [],
  isUsed: ({ status }) => Promise.resolve(status?.phase === 'Bound'),
})

export const attributesClassProtection = protection({
  name: 'volumeattributesclass-protection-controller', kind: classKind, watches: [classesOf(claimKind), classesOf(volumeKind)], isUsed: isClassUsed,
})
