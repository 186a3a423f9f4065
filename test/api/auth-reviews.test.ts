import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Impersonation } from '../../src-main/api/auth/impersonation.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { selfSubjectReview } from '../../src-main/kinds/authentication/self-subject-review.ts'
import { tokenReview } from '../../src-main/kinds/authentication/token-review.ts'
import { localSubjectAccessReview } from '../../src-main/kinds/authorization/local-subject-access-review.ts'
import { selfSubjectAccessReview } from '../../src-main/kinds/authorization/self-subject-access-review.ts'
import { selfSubjectRulesReview } from '../../src-main/kinds/authorization/self-subject-rules-review.ts'
import { subjectAccessReview } from '../../src-main/kinds/authorization/subject-access-review.ts'
import type { User } from '../../src-main/api/verbs.ts'
import { accessFixture, addRole, as, ask, bind, person, toUser } from './auth-fixture.ts'
import { context, refusal } from './registry-fixture.ts'

const statusOf = async (verbs: Verbs, kind: AnyKind, spec: object, user: User, namespace?: string): Promise<unknown> =>
  ((await verbs.create(kind, namespace, { spec }, as(user))).object as unknown as { status: unknown }).status

describe('access reviews', () => {
  it('answer what the authorizer would', async () => {
    const { verbs } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'reader', 'default')
    const reason = 'RBAC: allowed by RoleBinding "ann/default" of ClusterRole "reader" to User "ann"'
    const getPods = { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } }

    expect(await statusOf(verbs, selfSubjectAccessReview, getPods, person('ann'))).toEqual({ allowed: true, reason })
    expect(await statusOf(verbs, selfSubjectAccessReview, getPods, person('bob'))).toEqual({ allowed: false })
    expect(await statusOf(verbs, subjectAccessReview, { user: 'ann', ...getPods }, person('bob'))).toEqual({ allowed: true, reason })
    expect(await statusOf(verbs, subjectAccessReview, { groups: ['system:masters'], nonResourceAttributes: { verb: 'get', path: '/x' } }, person('bob'))).toEqual({ allowed: true })
    expect(await statusOf(verbs, localSubjectAccessReview, { user: 'ann', ...getPods }, person('bob'), 'default')).toEqual({ allowed: true, reason })
    expect((await refusal(statusOf(verbs, localSubjectAccessReview, { user: 'ann', ...getPods }, person('bob'), 'kube-system'))).message).toContain(
      'spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace',
    )
    expect((await refusal(statusOf(verbs, subjectAccessReview, {}, person('bob')))).message).toContain('exactly one of nonResourceAttributes or resourceAttributes must be specified')
    expect((await refusal(verbs.get(subjectAccessReview, { name: 'x' }))).code).toBe(405)
  })

  it('take a selector as text or as requirements, and say which of it they could not read', async () => {
    const { verbs } = await accessFixture()
    const node = person('system:node:n', 'system:nodes')
    const list = (asked: object) => statusOf(verbs, selfSubjectAccessReview, { resourceAttributes: { verb: 'list', resource: 'pods', ...asked } }, node)
    const own = { key: 'spec.nodeName', operator: 'In', values: ['n'] }
    expect(await list({ fieldSelector: { rawSelector: 'spec.nodeName=n' } })).toEqual({ allowed: true })
    expect(await list({ fieldSelector: { requirements: [own] } })).toEqual({ allowed: true })
    expect(await list({ fieldSelector: { requirements: [own, { key: 'a', operator: 'Exists' }] } })).toEqual({ allowed: true, evaluationError: 'spec.resourceAttributes.fieldSelector partially ignored due to parse error' })
    expect(await list({ fieldSelector: { rawSelector: 'x' }, labelSelector: { requirements: [{ key: 'a', operator: 'Newer' }] } })).toMatchObject({
      allowed: false,
      evaluationError: 'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error',
    })
  })

  it('refuse a question that is none, in the words of Kubernetes', async () => {
    const { verbs } = await accessFixture()
    const causes = async (kind: AnyKind, body: object, namespace?: string) =>
      (await refusal(verbs.create(kind, namespace, structuredClone(body), as(person('ann'))))).status.details?.causes?.map((cause) => `${cause.field}: ${cause.message}`)
    const resource = { resourceAttributes: { verb: 'get', resource: 'pods' } }
    expect(await causes(subjectAccessReview, { metadata: { name: 'x' }, spec: {} })).toEqual([
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      'spec.user: Invalid value: "": at least one of user or group must be specified',
      'metadata: Invalid value: {"name":"x"}: must be empty',
    ])
    expect(await causes(subjectAccessReview, {})).toEqual([
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ])
    expect((await refusal(verbs.create(selfSubjectRulesReview, undefined, {}, as(person('ann'))))).message).toBe('no namespace on request')
    expect(await causes(selfSubjectAccessReview, { spec: { ...resource, nonResourceAttributes: { path: '/x' } } })).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes',
    ])
    expect(await causes(localSubjectAccessReview, { metadata: { labels: { a: 'b' } }, spec: { user: 'ann', ...resource, nonResourceAttributes: { path: '/x' } } }, 'default')).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes',
      'metadata: Invalid value: {"labels":{"a":"b"},"namespace":"default"}: must be empty except for namespace',
      'spec.resourceAttributes.namespace: Invalid value: "": must match metadata.namespace',
      'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: disallowed on this kind of request',
    ])
    const at = 'spec.resourceAttributes'
    const selectors = { fieldSelector: { rawSelector: 'a=b', requirements: [{ operator: 'In' }] }, labelSelector: {} }
    expect(await causes(selfSubjectAccessReview, { spec: { resourceAttributes: { ...resource.resourceAttributes, ...selectors } } })).toEqual([
      `${at}.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
      `${at}.fieldSelector.requirements[0].key: Required value: must be specified`,
      `${at}.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      `${at}.labelSelector.requirements: Required value: when ${at}.labelSelector is specified, requirements or rawSelector is required`,
    ])
  })

  it('list the rules of who asks', async () => {
    const { verbs } = await accessFixture()
    await addRole(verbs, 'reader', [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }, { nonResourceURLs: ['/logs'], verbs: ['get'] }])
    await bind(verbs, 'ann', [toUser('ann')], 'reader')
    await bind(verbs, 'lost', [toUser('ann')], 'gone')
    expect(await statusOf(verbs, selfSubjectRulesReview, { namespace: 'default' }, person('ann'))).toEqual({
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/logs'] }],
      incomplete: false,
      evaluationError: 'clusterrole.rbac.authorization.k8s.io "gone" not found',
    })
    expect(await statusOf(verbs, selfSubjectRulesReview, { namespace: 'default' }, person('root', 'system:masters'))).toMatchObject({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    })
    expect(await statusOf(verbs, selfSubjectRulesReview, { namespace: 'default' }, person('system:node:n', 'system:nodes'))).toMatchObject({ incomplete: true })
    expect((await refusal(statusOf(verbs, selfSubjectRulesReview, {}, person('ann')))).message).toBe('no namespace on request')
  })

  it('say who somebody is', async () => {
    const { verbs } = await accessFixture({ staticTokens: new Map([['secret', person('root', 'system:masters')]]) })
    const ann: User = { name: 'ann', uid: '7', groups: ['team'], extra: { 'example.com/x': ['1'] } }
    expect(await statusOf(verbs, selfSubjectReview, {}, ann)).toEqual({ userInfo: { username: 'ann', uid: '7', groups: ['team'], extra: { 'example.com/x': ['1'] } } })
    expect(await statusOf(verbs, tokenReview, { token: 'secret' }, ann)).toEqual({ authenticated: true, user: { username: 'root', groups: ['system:masters', 'system:authenticated'] }, audiences: ['https://kubernetes.default.svc.cluster.local'] })
    expect(await statusOf(verbs, tokenReview, { token: 'wrong' }, ann)).toEqual({ user: {}, error: 'invalid bearer token' })
    expect((await refusal(verbs.create(tokenReview, undefined, { spec: {} }, context()))).code).toBe(400)
  })
})

describe('impersonation', () => {
  it('is what edit gives for service accounts of its namespace', async () => {
    const { verbs, access } = await accessFixture({ started: true })
    await bind(verbs, 'ann', [toUser('ann')], 'edit', 'default')
    expect(access.authorize(person('ann'), ask('impersonate serviceaccounts in default named robot')).allowed).toBe(true)
    const headers = (name: string) => ({ 'impersonate-user': [name] })
    const wish = (name: string) => new Impersonation(access.authorize).of({ headers: headers(name), headersDistinct: headers(name) } as unknown as IncomingMessage, person('ann'), () => ask('list pods'))?.user.name
    expect(wish('system:serviceaccount:default:robot')).toBe('system:serviceaccount:default:robot')
    expect(() => wish('system:serviceaccount:kube-system:robot')).toThrow(/forbidden/)
  })
})
