import type { Seen } from '../client/informer.ts'
import { classNameOf, persistentVolume as volumeKind, type PersistentVolume } from '../kinds/core/persistent-volume.ts'
import { persistentVolumeClaim as claimKind, type PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { keyOf } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { defaultClassOf, storageClass as classKind } from '../kinds/storage/storage-class.ts'
import { type Context, type Controller, done, every, type Watch } from './controller.ts'
import { bindCompleted, boundByController, type ClaimPlan, isKeptFor, planClaim, planVolume } from './volume-binding.ts'

type Claim = PersistentVolumeClaim
type Volume = PersistentVolume

/** Both names, as clients of either age look for it. */
const provisionerKeys = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']

const isPending = ({ metadata }: Claim): boolean => metadata.annotations?.[bindCompleted] === undefined
const claimKeyOf = ({ spec }: Volume): string | undefined => spec?.claimRef && `${spec.claimRef.namespace}/${spec.claimRef.name}`

/** A claim and the volumes that are kept for it. */
const claims: Watch = {
  kind: claimKind,
  *keys({ object }: Seen<Claim>, informers) {
    yield keyOf(object)
    for (const volume of informers.of(volumeKind).list()) if (claimKeyOf(volume) === keyOf(object)) yield keyOf(volume)
  },
}

/** A volume, whoever it is kept for, those who name it, and those who still look for one. */
const volumes: Watch = {
  kind: volumeKind,
  *keys({ object }: Seen<Volume>, informers) {
    yield keyOf(object)
    for (const claim of informers.of(claimKind).list()) {
      if (isPending(claim) || claim.spec?.volumeName === object.metadata.name) yield keyOf(claim)
    }
  },
}

const lookingClaims: Watch = {
  kind: classKind,
  *keys(_seen, informers) {
    for (const claim of informers.of(claimKind).list()) if (isPending(claim)) yield keyOf(claim)
  },
}

/** Ties claims to volumes that exist; makes none, and leaves to whoever made one what becomes of it. Keys with a namespace are claims. */
export const persistentVolumeBinder: Controller = {
  name: 'persistent-volume-binder',
  watches: [claims, volumes, lookingClaims, { ...every(podKind), keys: () => [] }],
  // two at a time could promise one volume twice
  workers: 1,
  async reconcile(key, context) {
    if (key.includes('/')) await reconcileClaim(key, context)
    else await reconcileVolume(key, context)
    return done
  },
}

async function reconcileClaim(key: string, context: Context): Promise<void> {
  const claim = await context.read(claimKind, key)
  if (!claim) return
  const classes = await context.readAll(classKind)
  const plan = planClaim(claim, {
    volumes: await context.readAll(volumeKind),
    class: classes.find(({ metadata }) => metadata.name === classNameOf(claim)),
    defaultClass: defaultClassOf(classes),
    waitingPods: (await context.readAll(podKind, claim.metadata.namespace)).filter((pod) => waitsFor(pod, claim)).map(({ metadata }) => metadata.name ?? ''),
  })
  if ('bind' in plan) await bind(plan.bind, claim, context)
  else if ('joins' in plan) await context.client.update(claimKind, { ...claim, spec: { ...claim.spec, storageClassName: plan.joins } })
  else await setAside(claim, plan, context)
}

const waitsFor = ({ spec }: Pod, { metadata }: Claim): boolean =>
  !spec?.nodeName && (spec?.volumes ?? []).some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name)

/** Each step is seen from outside and can be the last one: the next look goes on from there. */
async function bind(volume: Volume, claim: Claim, { client }: Context): Promise<void> {
  const kept = await keepFor(volume, claim, client)
  if (kept.status?.phase !== 'Bound') await client.updateStatus(volumeKind, { ...kept, status: { ...kept.status, phase: 'Bound' } })
  const named = await nameVolume(claim, kept, client)
  const status = boundStatus(named, kept)
  if (!sameValue(status, named.status)) await client.updateStatus(claimKind, { ...named, status })
}

async function keepFor(volume: Volume, claim: Claim, client: Context['client']): Promise<Volume> {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  if (volume.spec?.claimRef?.uid === uid) return volume
  const annotations: Record<string, string> = isKeptFor(volume, claim) ? {} : { [boundByController]: 'yes' }
  return client.update(volumeKind, {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, ...annotations } },
    spec: { ...volume.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion } },
  })
}

async function nameVolume(claim: Claim, { metadata: { name = '' } }: Volume, client: Context['client']): Promise<Claim> {
  const isNamed = claim.spec?.volumeName === name
  if (isNamed && !isPending(claim)) return claim
  const annotations = { ...claim.metadata.annotations, ...(isNamed ? {} : { [boundByController]: 'yes' }), [bindCompleted]: 'yes' }
  return client.update(claimKind, { ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: name } })
}

/** What a bound claim knows of its volume; the size only at first, as a file system may grow later than its volume. */
function boundStatus({ status }: Claim, { spec }: Volume): NonNullable<Claim['status']> {
  const size = status?.phase === 'Bound' ? status.capacity : spec?.capacity
  return {
    ...status,
    phase: 'Bound',
    ...(spec?.accessModes ? { accessModes: spec.accessModes } : {}),
    ...(size ? { capacity: size } : {}),
    ...(status?.phase !== 'Bound' && spec?.volumeAttributesClassName ? { currentVolumeAttributesClassName: spec.volumeAttributesClassName } : {}),
  }
}

async function setAside(claim: Claim, plan: Extract<ClaimPlan, { phase: string }>, { client, recorder }: Context): Promise<void> {
  const { provisioner, phase, event } = plan
  const told = claim.metadata.annotations ?? {}
  let latest = claim
  if (provisioner && provisionerKeys.some((key) => told[key] !== provisioner)) {
    const annotations = { ...told, ...Object.fromEntries(provisionerKeys.map((key) => [key, provisioner])) }
    latest = await client.update(claimKind, { ...claim, metadata: { ...claim.metadata, annotations } })
  }
  const { accessModes: _modes, capacity: _capacity, ...rest } = latest.status ?? {}
  const status = { ...rest, phase }
  const turned = !sameValue(status, latest.status)
  if (turned) await client.updateStatus(claimKind, { ...latest, status })
  if (event && (turned || phase === 'Pending')) recorder.event(claim, event.type, event.reason, event.message)
}

async function reconcileVolume(name: string, context: Context): Promise<void> {
  const { client, recorder } = context
  const volume = await context.read(volumeKind, name)
  if (!volume) return
  const plan = planVolume(volume, await claimOf(volume, context))
  if ('unbind' in plan) return unbind(volume, context)
  if ('claim' in plan) return reconcileClaim(plan.claim, context)
  const { phase, message, event } = plan
  if (volume.status?.phase === phase) return
  const { message: _message, ...status } = volume.status ?? {}
  await client.updateStatus(volumeKind, { ...volume, status: { ...status, phase, ...(message ? { message } : {}) } })
  if (event) recorder.event(volume, event.type, event.reason, event.message)
}

/** A copy may not know the newest claims, and a volume that is given up wrongly is lost: the server has the last word. */
async function claimOf(volume: Volume, { read, client }: Context): Promise<Claim | undefined> {
  const key = claimKeyOf(volume)
  if (!key) return undefined
  const known = await read(claimKind, key)
  if (known || volume.status?.phase === 'Released') return known
  try {
    return await client.get(claimKind, { namespace: volume.spec?.claimRef?.namespace, name: volume.spec?.claimRef?.name ?? '' })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The claim went elsewhere: what this controller promised is free again, what a person promised stays promised. */
async function unbind(volume: Volume, { client }: Context): Promise<void> {
  const { [boundByController]: own, ...annotations } = volume.metadata.annotations ?? {}
  const { claimRef, ...spec } = volume.spec ?? {}
  const { uid: _uid, ...promise } = claimRef ?? {}
  const freed = await client.update(volumeKind, {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: own === undefined ? { ...spec, claimRef: promise } : spec,
  })
  await client.updateStatus(volumeKind, { ...freed, status: { ...freed.status, phase: 'Available' } })
}
