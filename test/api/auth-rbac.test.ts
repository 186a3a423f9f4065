import { describe, expect, it } from 'vitest'
import { authorizedVerbs } from '../../src-main/api/auth/authorized-verbs.ts'
import { exposition } from '../../src-main/api/exposition.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { clusterRoleBinding } from '../../src-main/kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { accessFixture, addRole, as, ask, bind, person, toGroup, toUser } from './auth-fixture.ts'
import { context, refusal } from './registry-fixture.ts'

describe('the RBAC authorizer', () => {
  it('allows what the rules of bound roles say, and nothing else', async () => {
    const { verbs, access } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }])
    await addRole(verbs, 'one-map', [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get', 'update'] }], 'default')
    await addRole(verbs, 'scaler', [{ apiGroups: ['*'], resources: ['*/scale'], verbs: ['update'] }])
    await addRole(verbs, 'paths', [{ nonResourceURLs: ['/logs/*', '/version'], verbs: ['get'] }])
    await addRole(verbs, 'anything', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }])
    await bind(verbs, 'readers', [toGroup('developers')], 'reader')
    await bind(verbs, 'maps', [toUser('ann')], 'one-map', 'default', 'Role')
    await bind(verbs, 'scalers', [{ kind: 'ServiceAccount', name: 'autoscaler', namespace: 'kube-system' }], 'scaler')
    await bind(verbs, 'path-readers', [toUser('ann')], 'paths')
    await bind(verbs, 'everything-here', [toUser('ann')], 'anything', 'kube-public')

    const ann = person('ann')
    const dev = person('dee', 'developers')
    const autoscaler = person('system:serviceaccount:kube-system:autoscaler', 'system:serviceaccounts')
    const cases: Array<[typeof ann, string, boolean]> = [
      [dev, 'get pods in default named web', true],
      [dev, 'list pods', true],
      [dev, 'get pods/log in default named web', true],
      [dev, 'get pods/exec in default named web', false],
      [dev, 'delete pods in default named web', false],
      [dev, 'get pods@apps in default named web', false],
      [ann, 'list pods', false],
      [ann, 'get configmaps in default named settings', true],
      [ann, 'get configmaps in default named other', false],
      [ann, 'list configmaps in default', false],
      [ann, 'get configmaps in kube-system named settings', false],
      [ann, 'get /logs/', true],
      [ann, 'get /logs/kubelet', true],
      [ann, 'get /log', false],
      [ann, 'get /version', true],
      [ann, 'get /version/more', false],
      [ann, 'post /version', false],
      [ann, 'delete secrets in kube-public named x', true],
      [ann, 'create pods/exec in kube-public named x', true],
      [ann, 'delete secrets', false],
      [autoscaler, 'update deployments/scale@apps in default named web', true],
      [autoscaler, 'update deployments@apps in default named web', false],
      [person('root', 'system:masters'), 'delete nodes named n', true],
    ]
    const wrong = cases.filter(([who, text, allowed]) => access.authorize(who, ask(text)).allowed !== allowed)
    expect(wrong.map(([who, text, allowed]) => `${who.name} ${text}: should be ${allowed}`)).toEqual([])
  })

  it('counts what each authorizer decided, and not what was left to nobody', async () => {
    const { verbs, access } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
    await bind(verbs, 'readers', [toUser('ann')], 'reader')
    const before = exposition(access.families())
    const counted = (type: string, text: string) => Number(new RegExp(`^apiserver_authorization_decisions_total\\{type="${type}",name="${type.toLowerCase()}",decision="allowed"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
    const asked = [person('ann'), person('eve'), person('system:node:n', 'system:nodes', 'system:authenticated'), person('root', 'system:masters')]
    for (const who of asked) access.authorize(who, ask('get pods in default named web'))
    access.authorize(asked[2]!, ask('create nodes named n'))
    const text = exposition(access.families())
    expect(['Node', 'RBAC'].map((type) => counted(type, text) - counted(type, before))).toEqual([1, 1])
  })

  it("gives Kubernetes' reasons", async () => {
    const { verbs, access } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
    await bind(verbs, 'readers', [toGroup('developers')], 'reader')
    await bind(verbs, 'local', [{ kind: 'ServiceAccount', name: 'ci', namespace: 'default' }], 'reader', 'default')
    await bind(verbs, 'broken', [toUser('bob')], 'nowhere')
    await bind(verbs, 'broken-too', [toUser('bob')], 'gone', 'default', 'Role')

    const pods = ask('get pods in default named web')
    expect(access.authorize(person('dee', 'developers'), pods).reason).toBe('RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to Group "developers"')
    expect(access.authorize(person('system:serviceaccount:default:ci'), pods).reason).toBe('RBAC: allowed by RoleBinding "local/default" of ClusterRole "reader" to ServiceAccount "ci/default"')
    expect(access.authorize(person('bob'), ask('get pods')).reason).toBe('RBAC: clusterrole.rbac.authorization.k8s.io "nowhere" not found')
    expect(access.authorize(person('bob'), pods).reason).toBe(
      'RBAC: [clusterrole.rbac.authorization.k8s.io "nowhere" not found, role.rbac.authorization.k8s.io "gone" not found]',
    )
    expect(access.authorize(person('eve'), pods)).toEqual({ allowed: false, reason: '' })
  })

  it('follows every change before the write is acknowledged', async () => {
    const { verbs, access } = await accessFixture()
    const pods = ask('get pods in default named web')
    const allowed = () => access.authorize(person('ann'), pods).allowed
    await bind(verbs, 'ann', [toUser('ann')], 'reader')
    expect(allowed()).toBe(false)
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
    expect(allowed()).toBe(true)
    await verbs.patch(clusterRoleBinding, { name: 'ann' }, { type: 'merge', body: { subjects: [toUser('bob')] } }, context())
    expect(allowed()).toBe(false)
    expect(access.authorize(person('bob'), pods).allowed).toBe(true)
    await verbs.patch(clusterRole, { name: 'reader' }, { type: 'merge', body: { rules: [] } }, context())
    expect(access.authorize(person('bob'), pods).allowed).toBe(false)
    await verbs.patch(clusterRole, { name: 'reader' }, { type: 'merge', body: { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['*'] }] } }, context())
    expect(access.authorize(person('bob'), pods).allowed).toBe(true)
    await verbs.delete(clusterRoleBinding, { name: 'ann' }, {}, context())
    expect(access.authorize(person('bob'), pods).allowed).toBe(false)
  })

  it('knows at its start what was written before', async () => {
    const { verbs, store } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'reader')
    const { createAuthorizer } = await import('../../src-main/api/auth/authorizer.ts')
    const later = await createAuthorizer(store)
    expect(later.authorize(person('ann'), ask('get pods')).allowed).toBe(true)
    later.close()
  })
})

describe('a write that would create', () => {
  it('is only for who may create, even where an update is allowed', async () => {
    const { verbs, access } = await accessFixture()
    await addRole(verbs, 'updater', [{ apiGroups: [''], resources: ['endpoints'], verbs: ['update', 'patch'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'updater')
    const put = (user: ReturnType<typeof person>) =>
      authorizedVerbs(verbs, user, access.authorize).update(endpoints, { namespace: 'default', name: 'web' }, { metadata: { name: 'web' } }, as(user))
    expect((await refusal(put(person('ann')))).message).toBe('endpoints "web" is forbidden: User "ann" cannot create resource "endpoints" in API group "" in the namespace "default"')
    await put(person('root', 'system:masters'))
    await put(person('ann'))
  })
})

describe('the escalation check', () => {
  const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }
  const author = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'], verbs: ['create', 'update', 'get'] }

  it('lets nobody grant what they do not have, and says what is missing', async () => {
    const { verbs } = await accessFixture()
    await addRole(verbs, 'author', [author, { apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'author', 'default')
    const create = (rules: object[], name = 'r') => verbs.create(role, 'default', { metadata: { name }, rules }, as(person('ann', 'team')))

    await create([{ apiGroups: [''], resources: ['pods'], resourceNames: ['web'], verbs: ['get'] }])
    expect((await refusal(create([secrets, { apiGroups: ['apps'], resources: ['*'], verbs: ['*'] }], 'q'))).message).toBe(
      'roles.rbac.authorization.k8s.io "q" is forbidden: user "ann" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["list"]}\n{APIGroups:["apps"], Resources:["*"], Verbs:["*"]}',
    )
  })

  it('lets through who may escalate or bind, by name', async () => {
    const { verbs } = await accessFixture()
    await addRole(verbs, 'secrets', [secrets])
    await addRole(verbs, 'other', [secrets])
    await addRole(verbs, 'author', [author, { apiGroups: [author.apiGroups[0]!], resources: ['clusterroles'], resourceNames: ['secrets'], verbs: ['bind'] }])
    await addRole(verbs, 'escalator', [author, { apiGroups: [author.apiGroups[0]!], resources: ['roles'], verbs: ['escalate'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'author')
    await bind(verbs, 'eve', [toUser('eve')], 'escalator', 'default')
    const roleRef = (name: string) => ({ apiGroup: author.apiGroups[0], kind: 'ClusterRole', name })
    const bindAs = (name: string) => verbs.create(clusterRoleBinding, undefined, { metadata: { name }, roleRef: roleRef(name), subjects: [toUser('ann')] }, as(person('ann')))

    await bindAs('secrets')
    expect((await refusal(bindAs('nothing'))).code).toBe(404)
    expect((await refusal(verbs.create(clusterRole, undefined, { metadata: { name: 'new' }, rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }] }, as(person('ann'))))).code).toBe(403)
    await verbs.create(role, 'default', { metadata: { name: 'new' }, rules: [secrets] }, as(person('eve')))
    expect((await refusal(verbs.create(clusterRole, undefined, { metadata: { name: 'collector' }, aggregationRule: { clusterRoleSelectors: [{}] } }, as(person('ann'))))).message).toContain(
      'must have cluster-admin privileges to use the aggregationRule',
    )
  })
})
