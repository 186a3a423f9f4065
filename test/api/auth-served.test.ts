import { request } from 'node:https'
import { describe, expect, it } from 'vitest'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import type { TokenRequestAuthenticationV1 as TokenRequest } from '../../src-main/kinds/generated/types.ts'
import { bind, toGroup } from './auth-fixture.ts'
import { adminToken, type ServedAccess, servedAccess } from './auth-served.ts'
import { context } from './registry-fixture.ts'

interface Said {
  readonly code: number
  readonly type: string
  readonly body: { readonly message?: string; readonly reason?: string; readonly status?: unknown; readonly keys?: object[]; readonly jwks_uri?: string; readonly resources?: Array<{ name: string; verbs: string[] }> }
}

/** Headers with an array are sent several times. */
function ask({ url, ca }: ServedAccess, path: string, headers: Record<string, string | string[]> = {}, body?: object): Promise<Said> {
  return new Promise((resolve, reject) => {
    const typed = body ? { 'content-type': 'application/json' } : {}
    const req = request(`${url}${path}`, { ca: ca.cert, method: body ? 'POST' : 'GET', headers: { ...typed, ...headers } }, (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => (text += chunk.toString()))
      res.on('end', () => resolve({ code: res.statusCode ?? 0, type: res.headers['content-type'] ?? '', body: text.startsWith('{') ? (JSON.parse(text) as Said['body']) : {} }))
    })
    req.on('error', reject)
    req.end(body && JSON.stringify(body))
  })
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const root = bearer(adminToken)
const review = (userOnly = {}) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', ...userOnly })
const selfReview = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

describe('the server with access control', () => {
  it('knows the anonymous from the liars', async () => {
    const served = await servedAccess()
    expect((await ask(served, '/version')).code).toBe(200)
    expect(await ask(served, '/api/v1/pods')).toMatchObject({
      code: 403,
      body: { reason: 'Forbidden', message: 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope' },
    })
    expect((await ask(served, '/apis')).body.message).toBe('forbidden: User "system:anonymous" cannot get path "/apis"')
    expect((await ask(served, '/api/v1/pods', bearer('wrong'))).code).toBe(401)
    expect((await ask(served, '/api/v1/pods', root)).code).toBe(200)
  })

  it('lets a service account in by its token, as long as it exists', async () => {
    const served = await servedAccess()
    const { verbs } = served
    const robot = { namespace: 'default', name: 'robot' }
    await verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
    const made = await ask(served, '/api/v1/namespaces/default/serviceaccounts/robot/token', root, { spec: { expirationSeconds: 600 } })
    expect(made.code).toBe(201)
    const token = bearer((made.body as TokenRequest).status?.token ?? '')
    expect((await ask(served, '/api/v1/namespaces/default/configmaps', token)).code).toBe(403)
    await bind(verbs, 'accounts', [toGroup('system:serviceaccounts:default')], 'view', 'default')
    expect((await ask(served, '/api/v1/namespaces/default/configmaps', token)).code).toBe(200)
    expect((await ask(served, '/openid/v1/jwks', token))).toMatchObject({ code: 200, type: 'application/jwk-set+json', body: { keys: [{ kty: 'EC' }] } })
    expect((await ask(served, '/.well-known/openid-configuration', token)).body.jwks_uri).toBe('https://kubernetes.default.svc.cluster.local/openid/v1/jwks')
    expect((await ask(served, '/openid/v1/jwks')).code).toBe(403)
    await verbs.delete(serviceAccount, robot, {}, context())
    expect((await ask(served, '/api/v1/namespaces/default/configmaps', token)).code).toBe(401)
  })

  it('acts for another user when asked by who may', async () => {
    const served = await servedAccess()
    const as = { 'impersonate-user': 'ann', 'impersonate-group': ['team', 'with, comma'], 'impersonate-extra-example.com%2fscope': 'a' }
    const said = await ask(served, selfReview, { ...root, ...as }, review())
    expect(said.code).toBe(201)
    expect(said.body.status).toEqual({ userInfo: { username: 'ann', groups: ['team', 'with, comma', 'system:authenticated'], extra: { 'example.com/scope': ['a'] } } })
    expect((await ask(served, '/api/v1/pods', { ...root, ...as })).body.message).toContain('User "ann" cannot list')
    expect((await ask(served, selfReview, as, review())).body.message).toBe('selfsubjectreviews.authentication.k8s.io is forbidden: User "system:anonymous" cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope')
  })

  it('shows reviews and tokens in discovery', async () => {
    const served = await servedAccess()
    const names = async (path: string) => (await ask(served, path, root)).body.resources?.map(({ name, verbs }) => `${name} ${verbs.join(',')}`)
    expect(await names('/apis/authorization.k8s.io/v1')).toEqual([
      'subjectaccessreviews create', 'localsubjectaccessreviews create', 'selfsubjectaccessreviews create', 'selfsubjectrulesreviews create',
    ])
    expect(await names('/apis/authentication.k8s.io/v1')).toEqual(['selfsubjectreviews create', 'tokenreviews create'])
    expect(await names('/api/v1')).toContain('serviceaccounts/token create')
  })
})
