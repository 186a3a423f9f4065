import { describe, expect, it } from 'vitest'
import { createNodeAuthorizer } from '../../src-main/api/auth/node-authorizer.ts'
import { certificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { persistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'
import { volumeAttachment } from '../../src-main/kinds/storage/volume-attachment.ts'
import { makeRequest } from '../fixtures/certificate-requests.ts'
import { accessFixture, addRole, as, ask, bind, person, toGroup } from './auth-fixture.ts'
import { context, podNamed, refusal } from './registry-fixture.ts'

const kubelet = (name: string) => person(`system:node:${name}`, 'system:nodes')
const web = { namespace: 'default', name: 'web' }

const referring = podNamed('web', {
  nodeName: 'n1',
  serviceAccountName: 'robot',
  imagePullSecrets: [{ name: 'pull' }],
  initContainers: [{ name: 'init', image: 'busybox', envFrom: [{ configMapRef: { name: 'init-map' } }] }],
  containers: [{ name: 'main', image: 'busybox', env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env-secret', key: 'a' } } }] }],
  volumes: [
    { name: 'a', configMap: { name: 'map' } },
    { name: 'b', projected: { sources: [{ secret: { name: 'projected' } }] } },
    { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
  ],
})

describe('the Node authorizer', () => {
  it('lets a node at what its pods refer to, as long as they do', async () => {
    const { verbs, access } = await accessFixture()
    await verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
    await verbs.create(pod, 'default', referring, context())
    const volume = { metadata: { name: 'pv' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, claimRef: { namespace: 'default', name: 'data' } } }
    await verbs.create(persistentVolume, undefined, volume, context())
    const mine = [
      'get secrets in default named pull', 'get secrets in default named env-secret', 'watch secrets in default named projected',
      'get configmaps in default named map', 'get configmaps in default named init-map', 'get persistentvolumeclaims in default named data',
      'get persistentvolumes named pv', 'create serviceaccounts/token in default named robot', 'get pods in default named web',
    ]
    const allowed = (name: string) => mine.filter((text) => access.authorize(kubelet(name), ask(text)).allowed)
    expect(allowed('n1')).toEqual(mine)
    expect(allowed('n2')).toEqual([])
    expect(access.authorize(kubelet('n2'), ask(mine[0]!)).reason).toBe("no relationship found between node 'n2' and this object")
    await verbs.delete(pod, web, { gracePeriodSeconds: 0 }, context())
    expect(allowed('n1')).toEqual([])
  })

  it('lets a node at what its volumes need, and at its own attachments', async () => {
    const { verbs, access } = await accessFixture()
    await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1', volumes: [{ name: 'c', persistentVolumeClaim: { claimName: 'data' } }] }), context())
    const volume = (name: string, claim: string, source: object) => verbs.create(persistentVolume, undefined, {
      metadata: { name }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], claimRef: { namespace: 'default', name: claim }, ...source },
    }, context())
    const attach = (name: string, nodeName: string) =>
      verbs.create(volumeAttachment, undefined, { metadata: { name }, spec: { attacher: 'example.com', nodeName, source: { persistentVolumeName: 'share' } } }, context())
    await volume('share', 'data', { azureFile: { shareName: 'share', secretName: 'azure' } })
    await volume('csi', 'data', { csi: {
      driver: 'example.com', volumeHandle: 'v', nodeStageSecretRef: { namespace: 'vault', name: 'stage' }, controllerPublishSecretRef: { namespace: 'vault', name: 'control' },
    } })
    await volume('other', 'elsewhere', { azureFile: { shareName: 'other', secretName: 'foreign' } })
    await attach('one', 'n1')
    await attach('two', 'n2')
    const wished = [
      'get secrets in default named azure', 'watch secrets in vault named stage', 'get volumeattachments@storage.k8s.io named one',
      'get secrets in vault named control', 'get secrets in default named foreign', 'get volumeattachments@storage.k8s.io named two', 'list volumeattachments@storage.k8s.io',
    ]
    const allowed = (name: string) => wished.filter((text) => access.authorize(kubelet(name), ask(text)).allowed)
    expect(allowed('n1')).toEqual(wished.slice(0, 3))
    expect(allowed('n2')).toEqual([wished[5]])
  })

  it('keeps a shared secret readable until the last pod that refers to it is gone', async () => {
    const { verbs, access } = await accessFixture()
    const using = (name: string) => podNamed(name, { nodeName: 'n1', imagePullSecrets: [{ name: 'shared' }] })
    await verbs.create(pod, 'default', using('one'), context())
    await verbs.create(pod, 'default', using('two'), context())
    const allowed = () => access.authorize(kubelet('n1'), ask('get secrets in default named shared')).allowed
    await verbs.patch(pod, { namespace: 'default', name: 'one' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context())
    await verbs.delete(pod, { namespace: 'default', name: 'one' }, { gracePeriodSeconds: 0 }, context())
    expect(allowed()).toBe(true)
    await verbs.delete(pod, { namespace: 'default', name: 'two' }, { gracePeriodSeconds: 0 }, context())
    expect(allowed()).toBe(false)
  })

  it('gives every node its own things and nobody else’s', async () => {
    const { store } = await accessFixture()
    const { authorize, close } = await createNodeAuthorizer(store)
    const decide = (text: string) => authorize(kubelet('n1'), ask(text)).allowed
    const allowed = [
      'create nodes', 'patch nodes/status named n1', 'get nodes named n1', 'create pods in default', 'patch pods/status in default named web', 'delete pods in default named web',
      'create leases@coordination.k8s.io in kube-node-lease', 'update leases@coordination.k8s.io in kube-node-lease named n1', 'create events in default', 'list services',
      'watch runtimeclasses@node.k8s.io',
    ]
    const refused = [
      'get nodes named n2', 'list nodes', 'delete nodes named n1', 'list pods', 'list secrets in default', 'list secrets', 'create secrets in default', 'update configmaps in default named map',
      'update leases@coordination.k8s.io in kube-node-lease named n2', 'update leases@coordination.k8s.io in default named n1', 'create serviceaccounts/token in default named robot',
      'create pods/exec in default named web', 'create clusterroles@rbac.authorization.k8s.io', 'get /metrics', 'list deployments@apps',
    ]
    expect(allowed.filter((text) => !decide(text))).toEqual([])
    expect(refused.filter(decide)).toEqual([])
    const own = { ...ask('watch pods'), fieldSelector: [{ key: 'spec.nodeName', operator: '=' as const, values: ['n1'] }] }
    expect(authorize(kubelet('n1'), own).allowed).toBe(true)
    expect(authorize(kubelet('n2'), own).allowed).toBe(false)
    expect(authorize(person('system:node:n1'), own).allowed).toBe(false)
    close()
  })
})

describe('NodeRestriction', () => {
  it('lets a kubelet write its own node, lease and pods only', async () => {
    const { verbs } = await accessFixture()
    const n1 = as(kubelet('n1'))
    const n2 = as(kubelet('n2'))
    const labels = { 'kubernetes.io/hostname': 'n1', 'kubernetes.io/os': 'linux', 'example.com/mine': 'yes', 'node.kubernetes.io/x': 'y' }
    await verbs.create(node, undefined, { metadata: { name: 'n1', labels }, spec: {} }, n1)
    await verbs.create(lease, 'kube-node-lease', { metadata: { name: 'n1' }, spec: { holderIdentity: 'n1' } }, n1)
    await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1' }), context())
    const ready = { type: 'merge' as const, body: { status: { phase: 'Running' } } }
    await verbs.patch(pod, web, ready, n1, 'status')
    const label = (key: string, value: string) => ({ type: 'merge' as const, body: { metadata: { labels: { [key]: value } } } })
    await verbs.patch(node, { name: 'n1' }, label('example.com/mine', 'no'), n1)

    const message = async (work: Promise<unknown>) => (await refusal(work)).message
    expect(await message(verbs.patch(pod, web, ready, n2, 'status'))).toBe('pods "web" is forbidden: node "n2" can only update pod status for pods with spec.nodeName set to itself')
    expect(await message(verbs.delete(pod, web, {}, n2))).toBe('pods "web" is forbidden: node "n2" can only delete pods with spec.nodeName set to itself')
    expect(await message(verbs.patch(pod, web, label('a', 'b'), n1))).toContain('unexpected operation "UPDATE", node "n1" can only create and delete mirror pods')
    expect(await message(verbs.create(pod, 'default', podNamed('new', { nodeName: 'n1' }), n1))).toContain('pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods')
    expect(await message(verbs.patch(node, { name: 'n1' }, label('a', 'b'), n2))).toBe('nodes "n1" is forbidden: node "n2" is not allowed to modify node "n1"')
    expect(await message(verbs.patch(node, { name: 'n1' }, label('node-restriction.kubernetes.io/tier', 'x'), n1))).toBe('nodes "n1" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/tier')
    expect(await message(verbs.patch(node, { name: 'n1' }, label('node-role.kubernetes.io/control-plane', ''), n1))).toContain('is not allowed to modify labels')
    expect(await message(verbs.patch(node, { name: 'n1' }, { type: 'merge', body: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } } }, n1))).toContain('node "n1" is not allowed to modify taints')
    expect(await message(verbs.create(lease, 'kube-node-lease', { metadata: { name: 'n1x' }, spec: {} }, n1))).toContain('can only access node lease with the same name as the requesting node')
    await verbs.delete(pod, web, { gracePeriodSeconds: 0 }, n1)
  })

  it('lets a kubelet tell how large a claim has grown, and nothing else of it', async () => {
    const { verbs } = await accessFixture()
    const n1 = as(kubelet('n1'))
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    await verbs.create(persistentVolumeClaim, 'default', { metadata: { name: 'data' }, spec }, context())
    const patch = (body: object, subresource?: string) => verbs.patch(persistentVolumeClaim, { namespace: 'default', name: 'data' }, { type: 'merge', body }, n1, subresource)
    await patch({ status: { capacity: { storage: '2Gi' }, conditions: [{ type: 'FileSystemResizePending', status: 'True' }] } }, 'status')
    const cause = 'persistentvolumeclaims "data" is forbidden: node "n1" is not allowed to update fields other than status.quantity and status.conditions'
    expect((await refusal(patch({ status: { phase: 'Bound' } }, 'status'))).message).toBe(cause)
    expect((await refusal(patch({ metadata: { labels: { a: 'b' } } }, 'status'))).message).toBe(cause)
    expect((await refusal(patch({ metadata: { labels: { a: 'b' } } }))).message).toContain('may only update PVC status')
  })

  it('takes of a kubelet only mirror pods of its own that open nothing to it', async () => {
    const { verbs, access } = await accessFixture()
    const n1 = as(kubelet('n1'))
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', controller: true }
    const made = (spec: object, ...owners: object[]) => verbs.create(pod, 'default', podNamed('static', { nodeName: 'n1', ...spec }, { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: owners }), n1)
    const cause = async (spec: object, ...owners: object[]) => (await refusal(made(spec, ...owners))).message.replace('pods "static" is forbidden: ', '')
    expect(await cause({}, { ...owner, uid: 'x' })).toBe('nodes "n1" not found')
    const uid = (await verbs.create(node, undefined, { metadata: { name: 'n1' }, spec: {} }, n1)).object.metadata.uid ?? ''
    const mine = { ...owner, uid }
    const itself = 'node "n1" can only create pods with an owner reference set to itself'
    expect(await cause({})).toBe(itself)
    for (const wrong of [{ apiVersion: 'v2' }, { kind: 'Pod' }, { name: 'n2' }]) expect(await cause({}, { ...mine, ...wrong })).toBe(itself)
    expect(await cause({}, mine, { ...mine, uid: 'other' })).toBe('node "n1" can only create pods with a single owner reference set to itself')
    expect(await cause({}, { ...mine, controller: false })).toBe('node "n1" can only create pods with a controller owner reference set to itself')
    expect(await cause({}, { ...mine, blockOwnerDeletion: true })).toBe('node "n1" must not set blockOwnerDeletion on an owner reference')
    expect(await cause({}, { ...mine, uid: 'other' })).toBe(`node n1 UID mismatch: expected other got ${uid}`)
    const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
    expect(await cause(volume({ secret: { secretName: 's' } }), mine)).toBe('a mirror pod may not reference secrets')
    expect(await cause(volume({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }), mine)).toBe('a mirror pod may not use ServiceAccountToken volume projections')
    expect(await cause({ containers: [{ name: 'a', image: 'b', envFrom: [{ configMapRef: { name: 'c' } }] }] }, mine)).toBe('node "n1" can not create pods that reference configmaps')
    expect(await cause(volume({ projected: { sources: [{ clusterTrustBundle: { name: 'c', path: 'p' } }] } }), mine)).toBe('node "n1" can not create pods that reference clustertrustbundles')
    expect(await cause(volume({ persistentVolumeClaim: { claimName: 'c' } }), mine)).toBe('node "n1" can not create pods that reference persistentvolumeclaims')
    expect(await cause({ resourceClaims: [{ name: 'r', resourceClaimName: 'c' }] }, mine)).toBe('node "n1" can not create pods that reference resourceclaims')
    await made({}, mine)
    const reads = (name: string) => access.authorize(kubelet('n1'), ask(`get configmaps in default named ${name}`)).allowed
    await verbs.create(pod, 'default', podNamed('told', { nodeName: 'n1', volumes: [{ name: 'c', configMap: { name: 'wanted' } }] }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }), context())
    expect(reads('wanted')).toBe(false)
  })

  it('lets a kubelet evict its own pods, and no pod in another way', async () => {
    const { verbs } = await accessFixture()
    await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1' }), context())
    const evicted = (who: string) => verbs.createSubresource(pod, web, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } }, as(kubelet(who)))
    const bound = verbs.createSubresource(pod, web, 'binding', { metadata: { name: 'web' }, target: { kind: 'Node', name: 'n1' } }, as(kubelet('n1')))
    expect((await refusal(evicted('n2'))).message).toBe('pods "web" is forbidden: node n2 can only evict pods with spec.nodeName set to itself')
    expect((await refusal(bound)).message).toBe(`pods "web" is forbidden: unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`)
    await evicted('n1')
    await verbs.create(node, undefined, { metadata: { name: 'n1' }, spec: {} }, as(kubelet('n1')))
    await verbs.delete(node, { name: 'n1' }, {}, as(kubelet('n1')))
    expect((await refusal(verbs.create(node, undefined, { metadata: { name: 'n1' }, spec: {} }, as(kubelet(''))))).message).toBe('nodes "n1" is forbidden: could not determine node from user "system:node:"')
  })

  it('gives a kubelet tokens of its pods for whom their volumes are meant, and for whom it may ask', async () => {
    const { verbs } = await accessFixture({ started: true })
    await verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
    await verbs.create(csiDriver, undefined, { metadata: { name: 'example.com' }, spec: { tokenRequests: [{ audience: 'driver' }] } }, context())
    const sources = [{ serviceAccountToken: { path: 'a', audience: 'vault' } }]
    const volumes = [{ name: 'a', projected: { sources } }, { name: 'b', csi: { driver: 'example.com' } }]
    const { object } = await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1', serviceAccountName: 'robot', automountServiceAccountToken: false, volumes }), context())
    const bound = { kind: 'Pod', apiVersion: 'v1', name: 'web', uid: object.metadata.uid }
    const token = (audiences: string[], boundObjectRef: object = bound, who = 'n1') =>
      verbs.createSubresource(serviceAccount, { namespace: 'default', name: 'robot' }, 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { audiences, boundObjectRef } }, as(kubelet(who)))
    const cause = async (...asked: Parameters<typeof token>) => (await refusal(token(...asked))).message.replace('serviceaccounts "robot" is forbidden: ', '')
    await token(['vault'])
    await token(['driver'])
    const unknown = (audience: string) => `audience "${audience}" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience`
    expect(await cause(['other'])).toBe(unknown('other'))
    expect(await cause([])).toBe(unknown(''))
    expect(await cause(['vault', 'driver'])).toBe('node may only request 0 or 1 audiences')
    expect(await cause(['vault'], { ...bound, uid: 'other' })).toBe('the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated')
    expect(await cause(['vault'], { ...bound, kind: 'Secret' })).toBe('node requested token not bound to a pod')
    expect(await cause(['vault'], { ...bound, uid: undefined })).toBe('node requested token with a pod binding without a uid')
    expect(await cause(['vault'], bound, 'n2')).toBe('node requested token bound to a pod scheduled on a different node')
    expect(await cause(['vault'], { ...bound, name: 'none' })).toBe('pods "none" not found')
    await addRole(verbs, 'asks', [{ apiGroups: [''], resources: ['other'], verbs: ['request-serviceaccounts-token-audience'], resourceNames: ['robot'] }])
    await bind(verbs, 'asks', [toGroup('system:nodes')], 'asks')
    await token(['other'])
  })

  it('takes of a kubelet certificate requests of its own name only', async () => {
    const { verbs } = await accessFixture()
    const asked = (name: string, request: string) => verbs.create(certificateSigningRequest, undefined, { metadata: { name }, spec: { signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth'], request } }, as(kubelet('n1')))
    const mistake = 'can only create a node CSR with CN=system:node:n1'
    const requestFor = async (name: string) => (await makeRequest(`O=system:nodes, CN=${name}`)).base64
    expect((await refusal(asked('a', await requestFor('system:node:n2')))).message).toContain(mistake)
    expect((await refusal(asked('b', 'eA=='))).message).toContain('unable to parse csr: ')
    await asked('c', await requestFor('system:node:n1'))
  })
})
