import { describe, expect, it } from 'vitest'
import { controllerRoles, controllerUser } from '../../src-main/api/auth/controller-roles.ts'
import { defaultRoles } from '../../src-main/api/auth/default-roles.ts'
import { reconcileDefaultRoles } from '../../src-main/api/auth/reconcile-roles.ts'
import { startAggregation } from '../../src-main/api/auth/aggregation.ts'
import { silent } from '../../src-main/base/log.ts'
import type { ClusterRole, ClusterRoleBinding } from '../../src-main/kinds/generated/types.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { clusterRoleBinding } from '../../src-main/kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { accessFixture, addRole, ask, bind, person, toUser } from './auth-fixture.ts'
import { context } from './registry-fixture.ts'

const controller = (name: string) => controllerUser(name)
const manager = person('system:kube-controller-manager')
const scheduler = person('system:kube-scheduler')
const proxy = person('system:kube-proxy')
const nobody = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

describe('the default roles', () => {
  it('let every component of the cluster do its work, and no more', async () => {
    const { access } = await accessFixture({ started: true })
    const cases: Array<[{ name: string; groups: readonly string[] }, string, boolean]> = [
      [manager, 'list deployments@apps', true],
      [manager, 'watch secrets', true],
      [manager, 'delete deployments@apps in default named web', false],
      [controller('deployment-controller'), 'create replicasets@apps in default', true],
      [controller('deployment-controller'), 'update replicasets@apps in default named web-1', true],
      [controller('deployment-controller'), 'update deployments/status@apps in default named web', true],
      [controller('deployment-controller'), 'patch deployments@apps in default named web', false],
      [controller('deployment-controller'), 'get secrets in default named web', false],
      [controller('replicaset-controller'), 'create pods in default', true],
      [controller('replicaset-controller'), 'patch pods in default named web', true],
      [controller('replicaset-controller'), 'delete pods in default named web', true],
      [controller('replicaset-controller'), 'update replicasets/status@apps in default named web', true],
      [controller('replicaset-controller'), 'create events in default', true],
      [controller('replicaset-controller'), 'create events@events.k8s.io in default', true],
      [controller('replication-controller'), 'update replicationcontrollers/status in default named web', true],
      [controller('endpoint-controller'), 'create endpoints in default', true],
      [controller('endpointslice-controller'), 'delete endpointslices@discovery.k8s.io in default named web-1', true],
      [controller('namespace-controller'), 'deletecollection widgets@example.com in default', true],
      [controller('namespace-controller'), 'patch namespaces/finalize in default named default', true],
      [controller('namespace-controller'), 'update namespaces/status in default named default', true],
      [controller('node-controller'), 'update nodes/status named n', true],
      [controller('taint-eviction-controller'), 'delete pods in default named web', true],
      [controller('pod-garbage-collector'), 'delete pods in default named web', true],
      [controller('pod-garbage-collector'), 'get nodes named n', true],
      [controller('garbage-collector'), 'delete widgets@example.com in default named w', true],
      [controller('garbage-collector'), 'patch replicasets@apps in default named w', true],
      [controller('service-account-controller'), 'create serviceaccounts in default', true],
      [controller('service-account-controller'), 'get secrets in default named s', false],
      [controller('event-ttl-controller'), 'delete events in default named e', true],
      [scheduler, 'create pods/binding in default named web', true],
      [scheduler, 'patch pods/status in default named web', true],
      [scheduler, 'delete pods in default named web', true],
      [scheduler, 'list nodes', true],
      [scheduler, 'update nodes named n', false],
      [scheduler, 'create events in default', true],
      [proxy, 'watch endpointslices@discovery.k8s.io', true],
      [proxy, 'create services in kube-system', true],
      [proxy, 'create services in default', false],
      [controller('kube-dns'), 'watch services', true],
      [person('ann'), 'get /apis/apps/v1', true],
      [person('ann'), 'create selfsubjectaccessreviews@authorization.k8s.io', true],
      [person('ann'), 'create selfsubjectreviews@authentication.k8s.io', true],
      [person('ann'), 'create tokenreviews@authentication.k8s.io', false],
      [person('ann'), 'list pods in default', false],
      [nobody, 'get /version', true],
      [nobody, 'get /readyz', true],
      [nobody, 'get /apis', false],
      [person('prometheus', 'system:monitoring'), 'get /metrics', true],
      [controller('any'), 'get /openid/v1/jwks', true],
    ]
    const wrong = cases.filter(([who, text, allowed]) => access.authorize(who, ask(text)).allowed !== allowed)
    expect(wrong.map(([who, text, allowed]) => `${who.name} ${text}: should be ${allowed}`)).toEqual([])
  })

  it('give viewers, editors and administrators of a namespace what Kubernetes gives them', async () => {
    const { verbs, access } = await accessFixture({ started: true })
    for (const name of ['view', 'edit', 'admin']) await bind(verbs, name, [toUser(name)], name, 'default')
    const who = (text: string) => ['view', 'edit', 'admin'].filter((name) => access.authorize(person(name), ask(`${text} in default`)).allowed)
    expect(who('list pods')).toEqual(['view', 'edit', 'admin'])
    expect(who('get pods/log')).toEqual(['view', 'edit', 'admin'])
    expect(who('list deployments@apps')).toEqual(['view', 'edit', 'admin'])
    expect(who('get secrets')).toEqual(['edit', 'admin'])
    expect(who('create pods/exec')).toEqual(['edit', 'admin'])
    expect(who('patch deployments/scale@apps')).toEqual(['edit', 'admin'])
    expect(who('create rolebindings@rbac.authorization.k8s.io')).toEqual(['admin'])
    expect(who('update resourcequotas')).toEqual([])
    expect(access.authorize(person('admin'), ask('list pods in kube-system')).allowed).toBe(false)
  })

  it('are collected into aggregated roles when a role with the label comes, changes and goes', async () => {
    const { verbs, access } = await accessFixture({ started: true })
    await bind(verbs, 'view', [toUser('ann')], 'view', 'default')
    const widgets = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }
    const sees = () => access.authorize(person('ann'), ask('get widgets@example.com in default')).allowed
    await addRole(verbs, 'widget-viewer', [widgets], undefined, { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' })
    await expect.poll(sees, { timeout: 2000 }).toBe(true)
    const admin = async () => (((await verbs.get(clusterRole, { name: 'admin' })).object as ClusterRole).rules ?? []).some(({ resources }) => resources?.includes('widgets'))
    await expect.poll(admin, { timeout: 2000 }).toBe(true)
    await verbs.delete(clusterRole, { name: 'widget-viewer' }, {}, context())
    await expect.poll(sees, { timeout: 2000 }).toBe(false)
    await expect.poll(admin, { timeout: 2000 }).toBe(false)
  })

  it('get back what they lost, keep what was added, and are left alone when they say so', async () => {
    const { verbs } = await accessFixture({ started: true })
    const lookUp = async (name: string) => (await verbs.get(clusterRole, { name })).object as ClusterRole
    const extra = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }
    await verbs.patch(clusterRole, { name: 'system:kube-dns' }, { type: 'merge', body: { rules: [extra] } }, context())
    const off = { metadata: { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }, rules: [extra] }
    await verbs.patch(clusterRole, { name: 'system:kube-scheduler' }, { type: 'merge', body: off }, context())
    await verbs.patch(clusterRoleBinding, { name: 'system:discovery' }, { type: 'merge', body: { subjects: [toUser('ann')] } }, context())
    await verbs.delete(clusterRoleBinding, { name: 'system:basic-user' }, {}, context())

    await reconcileDefaultRoles(verbs)
    expect((await lookUp('system:kube-dns')).rules).toEqual([
      extra,
      { apiGroups: [''], resources: ['endpoints'], verbs: ['list', 'watch'] },
      { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ])
    expect((await lookUp('system:kube-scheduler')).rules).toEqual([extra])
    const discovery = (await verbs.get(clusterRoleBinding, { name: 'system:discovery' })).object as ClusterRoleBinding
    expect(discovery.subjects?.map(({ name }) => name)).toEqual(['ann', 'system:authenticated'])
    await verbs.get(clusterRoleBinding, { name: 'system:basic-user' })
  })

  it('restrict who sees the version as they restrict who sees what is served, when nothing is said of the one', async () => {
    const { verbs } = await accessFixture({ started: true })
    const [discovery, info] = [{ name: 'system:discovery' }, { name: 'system:public-info-viewer' }]
    const metadata = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false', own: 'kept' } }
    const subjects = [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'ours' }]
    await verbs.patch(clusterRoleBinding, discovery, { type: 'merge', body: { metadata, subjects } }, context())
    await verbs.delete(clusterRoleBinding, info, {}, context())
    await reconcileDefaultRoles(verbs)
    const found = (await verbs.get(clusterRoleBinding, info)).object as ClusterRoleBinding
    expect(found).toMatchObject({ metadata, subjects, roleRef: { kind: 'ClusterRole', name: 'system:public-info-viewer' } })
  })

  it('are written once: a second start changes nothing', async () => {
    const { verbs, store } = await accessFixture({ started: true })
    const { revision } = store
    await reconcileDefaultRoles(verbs)
    const aggregation = await startAggregation(store, verbs, silent)
    aggregation.close()
    expect(store.revision).toBe(revision)
  })

  it('are named once each, in namespaces that are there', async () => {
    const { verbs } = await accessFixture()
    const all = [...defaultRoles, ...controllerRoles]
    const names = all.map(({ name, namespace }) => `${namespace ?? ''}/${name}`)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const name of new Set(all.flatMap((each) => each.namespace ?? []))) await verbs.get(namespace, { name })
  })
})
