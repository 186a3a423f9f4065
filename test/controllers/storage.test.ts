import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { persistentVolumeBinder } from '../../src-main/controllers/persistent-volume-binder.ts'
import { attributesClassProtection, claimProtection, usesClaim, volumeProtection } from '../../src-main/controllers/storage-protection.ts'
import { bestVolume, planClaim, planVolume } from '../../src-main/controllers/volume-binding.ts'
import { persistentVolume, type PersistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { persistentVolumeClaim, type PersistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../../src-main/kinds/generated/types.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type StorageClass, storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { volumeAttributesClass } from '../../src-main/kinds/storage/volume-attributes-class.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

const data = { namespace: 'default', name: 'data' }
const claimSpec: PersistentVolumeClaimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: '' }
const volumeSpec: PersistentVolumeSpec = { accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, hostPath: { path: '/data' } }

describe('claims and volumes', { timeout: 30_000 }, () => {
  let plane: ControlPlane
  beforeEach(async () => {
    plane = await startControlPlane({ controllers: [persistentVolumeBinder, claimProtection, volumeProtection, attributesClassProtection] })
  })
  afterEach(async () => {
    expect(plane.complaints).toEqual([])
    await plane.stop()
  })
  const makeClaim = (spec: object = {}, metadata: object = data) => plane.client.create(persistentVolumeClaim, { metadata, spec: { ...claimSpec, ...spec } })
  const makeVolume = (name: string, spec: object = {}, metadata: object = {}) => plane.client.create(persistentVolume, { metadata: { name, ...metadata }, spec: { ...volumeSpec, ...spec } })
  const claimIn = (phase: string) => eventually(`a claim that is ${phase}`, async () => {
    const claim = await plane.client.get(persistentVolumeClaim, data)
    return claim.status?.phase === phase && claim
  })
  const volumeIn = (name: string, phase: string) => eventually(`a volume that is ${phase}`, async () => {
    const volume = await plane.client.get(persistentVolume, { name })
    return volume.status?.phase === phase && volume
  })

  it('are bound to each other, whichever comes first', async () => {
    await makeClaim()
    await makeVolume('v1')
    const claim = await claimIn('Bound')
    const volume = await volumeIn('v1', 'Bound')
    expect(claim).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' }, finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { volumeName: 'v1' }, status: { accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } },
    })
    expect(volume).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' }, finalizers: ['kubernetes.io/pv-protection'] },
      spec: { claimRef: { kind: 'PersistentVolumeClaim', ...data, uid: claim.metadata.uid } },
    })
    expect(plane.events).toContain('FailedBinding: no persistent volumes available for this claim and no storage class is set')
  })

  it('part when the claim goes: the volume is released, and free again once nobody is named in it', async () => {
    await makeVolume('v1')
    await makeClaim()
    await claimIn('Bound')
    await plane.client.delete(persistentVolume, { name: 'v1' })
    expect((await plane.client.get(persistentVolume, { name: 'v1' })).metadata.deletionTimestamp).toBeDefined()
    await makeVolume('v2')
    await makeClaim({}, { ...data, name: 'other' })
    await volumeIn('v2', 'Bound')
    await plane.client.delete(persistentVolumeClaim, { ...data, name: 'other' })
    await volumeIn('v2', 'Released')
    await plane.client.patch(persistentVolume, { name: 'v2' }, { type: 'merge', body: { spec: { claimRef: null } } })
    await volumeIn('v2', 'Available')
    await plane.client.delete(persistentVolumeClaim, data)
    await eventually('the first volume to go', () => plane.client.get(persistentVolume, { name: 'v1' }).then(() => false, isNotFound))
  })

  it('a volume that is to be deleted or emptied by nobody says that it failed', async () => {
    await makeVolume('v1', { persistentVolumeReclaimPolicy: 'Delete' })
    await makeClaim()
    await claimIn('Bound')
    await plane.client.delete(persistentVolumeClaim, data)
    expect((await volumeIn('v1', 'Failed')).status?.message).toBe('error getting deleter volume plugin for volume "v1": no deletable volume plugin matched')
  })

  it('a claim says which class and which provisioner it waits for', async () => {
    const named = (key: string) => eventually(key, async () => (await plane.client.get(persistentVolumeClaim, data)).metadata.annotations?.[key])
    await plane.client.create(storageClass, { metadata: { name: 'fast' }, provisioner: 'csi.example.com' })
    await makeClaim({ storageClassName: 'fast' })
    expect(await named('volume.kubernetes.io/storage-provisioner')).toBe('csi.example.com')
    expect(await named('volume.beta.kubernetes.io/storage-provisioner')).toBe('csi.example.com')
    await makeClaim({ storageClassName: 'missing' }, { ...data, name: 'lost' })
    await eventually('an event', () => plane.events.includes('ProvisioningFailed: storageclass.storage.k8s.io "missing" not found'))
  })

  it('a claim that said nothing of a class joins a default one that comes later', async () => {
    await makeClaim({ storageClassName: undefined })
    await plane.client.create(storageClass, { metadata: { name: 'usual', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'csi.example.com' })
    await eventually('the class', async () => (await plane.client.get(persistentVolumeClaim, data)).spec?.storageClassName === 'usual')
  })

  it('a bound claim whose volume is gone is lost', async () => {
    await makeVolume('v1')
    await makeClaim()
    await claimIn('Bound')
    await plane.client.patch(persistentVolume, { name: 'v1' }, { type: 'merge', body: { metadata: { finalizers: null } } })
    await plane.client.delete(persistentVolume, { name: 'v1' })
    // the controller may have put its finalizer back in between
    await plane.client.patch(persistentVolume, { name: 'v1' }, { type: 'merge', body: { metadata: { finalizers: null } } }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
    await claimIn('Lost')
    expect(plane.events).toContain('ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  })

  it('a claim stays as long as a pod with a node uses it, also one that has ended', async () => {
    await makeClaim()
    const ref = { namespace: 'default', name: 'web' }
    await plane.client.create(pod, { metadata: ref, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } })
    await plane.client.delete(persistentVolumeClaim, data)
    const kept = await plane.client.get(persistentVolumeClaim, data)
    expect(kept.metadata).toMatchObject({ finalizers: ['kubernetes.io/pvc-protection'], deletionTimestamp: expect.any(String) as string })
    await plane.client.delete(pod, ref, { gracePeriodSeconds: 0 })
    await eventually('the claim to go', () => plane.client.get(persistentVolumeClaim, data).then(() => false, isNotFound))
  })

  it('what came without its finalizer is given it', async () => {
    await makeClaim()
    await plane.client.patch(persistentVolumeClaim, data, { type: 'merge', body: { metadata: { finalizers: null } } })
    await eventually('the finalizer', async () => (await plane.client.get(persistentVolumeClaim, data)).metadata.finalizers?.includes('kubernetes.io/pvc-protection'))
  })

  it('a class of attributes stays as long as a claim or a volume names it', async () => {
    await plane.client.create(volumeAttributesClass, { metadata: { name: 'gold' }, driverName: 'csi.example.com', parameters: { iops: '1000' } })
    await makeVolume('v1', { volumeAttributesClassName: 'gold', hostPath: undefined, csi: { driver: 'csi.example.com', volumeHandle: 'h' } })
    await plane.client.delete(volumeAttributesClass, { name: 'gold' })
    expect((await plane.client.get(volumeAttributesClass, { name: 'gold' })).metadata.finalizers).toEqual(['kubernetes.io/vac-protection'])
    await plane.client.delete(persistentVolume, { name: 'v1' })
    await eventually('the class to go', () => plane.client.get(volumeAttributesClass, { name: 'gold' }).then(() => false, isNotFound))
  })
})

const volume = (name: string, spec: object = {}, phase = 'Available'): PersistentVolume => ({ metadata: { name }, spec: { ...volumeSpec, storageClassName: '', ...spec }, status: { phase } }) as PersistentVolume
const claim = (spec: object = {}, annotations: Record<string, string> = {}): PersistentVolumeClaim => ({ metadata: { ...data, uid: 'u1', annotations }, spec: { ...claimSpec, ...spec } }) as PersistentVolumeClaim

describe('the best volume for a claim', () => {
  const best = (volumes: PersistentVolume[], spec: object = {}, waits = false) => bestVolume(claim(spec), volumes, waits)?.metadata.name

  it('is the smallest that will do', () => {
    expect(best([volume('big', { capacity: { storage: '5Gi' } }), volume('fit'), volume('small', { capacity: { storage: '1Mi' } })])).toBe('fit')
  })
  it('has the fewest access modes that will do', () => {
    expect(best([volume('wide', { accessModes: ['ReadWriteOnce', 'ReadWriteMany'], capacity: { storage: '1Gi' } }), volume('narrow')])).toBe('narrow')
    expect(best([volume('narrow')], { accessModes: ['ReadWriteMany'] })).toBeUndefined()
  })
  it('is the one that is kept for it, also where others must wait', () => {
    const kept = volume('kept', { claimRef: { namespace: 'default', name: 'data' }, capacity: { storage: '9Gi' } })
    expect(best([volume('free'), kept])).toBe('kept')
    expect(best([volume('free'), kept], {}, true)).toBe('kept')
    expect(best([volume('free')], {}, true)).toBeUndefined()
    expect(best([volume('others', { claimRef: { namespace: 'default', name: 'data', uid: 'old' } })])).toBeUndefined()
  })
  it('is of its class and mode, available, and chosen by its labels', () => {
    expect(best([volume('v', { storageClassName: 'fast' })])).toBeUndefined()
    expect(best([volume('v', { volumeMode: 'Block' })])).toBeUndefined()
    expect(best([volume('v', {}, 'Pending')])).toBeUndefined()
    const labelled = { ...volume('labelled'), metadata: { name: 'labelled', labels: { disk: 'ssd' } } }
    expect(best([volume('plain'), labelled], { selector: { matchLabels: { disk: 'ssd' } } })).toBe('labelled')
  })
})

describe('the plan for a claim', () => {
  const facts = { volumes: [volume('v1')], class: undefined, defaultClass: undefined, waitingPods: [] }
  it('says why a volume asked for by name will not do', () => {
    expect(planClaim(claim({ volumeName: 'v1', resources: { requests: { storage: '3Gi' } } }), facts)).toMatchObject({ phase: 'Pending', event: { reason: 'VolumeMismatch', message: 'Cannot bind to requested volume "v1": requested PV is too small' } })
    const taken = [volume('v1', { claimRef: { namespace: 'x', name: 'y', uid: 'z' } })]
    expect(planClaim(claim({ volumeName: 'v1' }), { ...facts, volumes: taken })).toMatchObject({ event: { message: 'volume "v1" already bound to a different claim.' } })
    expect(planClaim(claim({ volumeName: 'none' }), facts)).toEqual({ phase: 'Pending' })
  })
  it('waits for its first pod where its class says so', () => {
    const late: StorageClass = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'late' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }
    const waiting = (waitingPods: string[]) => planClaim(claim({ storageClassName: 'late' }), { ...facts, class: late, waitingPods })
    expect(waiting([])).toMatchObject({ event: { reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' } })
    expect(waiting(['a'])).toMatchObject({ event: { reason: 'WaitForPodScheduled', message: 'waiting for pod a to be scheduled' } })
  })
})

describe('the plan for a volume', () => {
  it('frees what this controller promised to a claim that went elsewhere', () => {
    const kept = volume('v1', { claimRef: { namespace: 'default', name: 'data', uid: 'u1' } })
    expect(planVolume(kept, claim({ volumeName: 'v2' }))).toEqual({ unbind: true })
    expect(planVolume(kept, claim())).toEqual({ claim: 'default/data' })
    expect(planVolume(kept, claim({ volumeName: 'v1' }))).toEqual({ phase: 'Bound' })
  })
  it('leaves a volume to the provisioner that made it', () => {
    const made = { ...volume('v1', { persistentVolumeReclaimPolicy: 'Delete', claimRef: { namespace: 'default', name: 'data', uid: 'u1' } }), metadata: { name: 'v1', annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example.com' } } }
    expect(planVolume(made, undefined)).toEqual({ phase: 'Released' })
  })
})

describe('a claim made for an ephemeral volume', () => {
  const owned: PersistentVolumeClaim = { metadata: { namespace: 'default', name: 'web-scratch', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'p1', controller: true }] } } as PersistentVolumeClaim
  const user = (metadata: object = {}): Pod => ({ metadata: { namespace: 'default', name: 'web', uid: 'p1', ...metadata }, spec: { nodeName: 'n1', volumes: [{ name: 'scratch', ephemeral: {} }] } }) as unknown as Pod
  it('is used until its pod is shut down', () => {
    expect(usesClaim(user(), owned)).toBe(true)
    expect(usesClaim(user({ uid: 'p2' }), owned)).toBe(false)
    expect(usesClaim(user({ deletionTimestamp: 'now', deletionGracePeriodSeconds: 0 }), owned)).toBe(false)
  })
})
