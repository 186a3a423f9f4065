import { createSign, generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { createJwt, newSigningKey } from '../../src-main/api/auth/jwt.ts'
import { isJsonObject } from '../../src-main/base/json.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import type { TokenRequestAuthenticationV1 as TokenRequest, TokenReview } from '../../src-main/kinds/generated/types.ts'
import { tokenReview } from '../../src-main/kinds/authentication/token-review.ts'
import { type AccessFixture, accessFixture, as, person } from './auth-fixture.ts'
import { context, podNamed, refusal } from './registry-fixture.ts'

const api = 'https://kubernetes.default.svc.cluster.local'
const robot = { namespace: 'default', name: 'robot' }
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>

describe('service account tokens', () => {
  const key = newSigningKey()
  let fixture: AccessFixture
  beforeEach(async () => {
    fixture = await accessFixture({ key })
    await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
  })
  const request = async (spec: object = {}, ref = robot, user = person('root', 'system:masters')): Promise<TokenRequest> =>
    (await fixture.verbs.createSubresource(serviceAccount, ref, 'token', { spec }, as(user))) as TokenRequest
  const tokenFor = async (spec: object = {}): Promise<string> => (await request(spec)).status!.token!
  const review = async (token: string, audiences?: string[]): Promise<TokenReview['status']> =>
    ((await fixture.verbs.create(tokenReview, undefined, { spec: { token, audiences } }, context())).object as TokenReview).status

  it('prove who the account is', async () => {
    const account = (await fixture.verbs.get(serviceAccount, robot)).object
    const { status, spec, metadata } = await request({ expirationSeconds: 1200 })
    expect(metadata).toMatchObject({ name: 'robot', namespace: 'default' })
    expect(spec).toEqual({ audiences: [api], expirationSeconds: 1200, boundObjectRef: null })
    expect(status?.expirationTimestamp).toBe('2026-01-01T00:20:00Z')
    const claims = claimsOf(status!.token!)
    expect(claims).toMatchObject({ iss: api, aud: [api], sub: 'system:serviceaccount:default:robot' })
    expect(fixture.access.userOfToken(status!.token!)).toEqual({
      name: 'system:serviceaccount:default:robot',
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims['jti'])}`] },
    })
  })

  it('are refused when forged, of another issuer, of another algorithm, or no token at all', async () => {
    const good = await tokenFor()
    const [head, body, signature] = good.split('.') as [string, string, string]
    const claims = claimsOf(good)
    const stranger = createJwt({ signing: newSigningKey() })
    const own = createJwt({ signing: key })
    const kid = (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid
    const unsigned = `${part({ alg: 'none', kid })}.${body}.${signature}`
    const hmac = `${part({ alg: 'HS256', kid })}.${body}.${signature}`
    const changed = `${head}.${part({ ...claims, sub: 'system:serviceaccount:kube-system:robot' })}.${signature}`
    const lies = own.seal({ ...claims, sub: 'system:serviceaccount:kube-system:admin' })
    const foreign = own.seal({ ...claims, iss: 'https://elsewhere' })
    const slash = own.seal({ ...claims, sub: 'system:serviceaccount:default:../x', 'kubernetes.io': { namespace: 'default', serviceaccount: { name: '../x', uid: 'u' } } })
    const bad = [unsigned, hmac, changed, stranger.seal(claims), lies, foreign, slash, own.seal({}), `${head}.${body}.`, `${head}.${body}`, 'abc', '', 'a.b.c', '..']
    expect(bad.filter((token) => fixture.access.userOfToken(token) !== undefined)).toEqual([])
    expect(fixture.access.userOfToken(good)?.name).toBe('system:serviceaccount:default:robot')
    expect(await review(changed)).toEqual({ user: {}, error: 'invalid bearer token' })
  })

  it('end when their time is over', async () => {
    const token = await tokenFor({ expirationSeconds: 600 })
    fixture.clock.advance(599_000)
    expect(fixture.access.userOfToken(token)).toBeDefined()
    fixture.clock.advance(2_000)
    expect(fixture.access.userOfToken(token)).toBeUndefined()
    expect(await review(token)).toEqual({ user: {}, error: 'service account token has expired' })
  })

  it('are good only for their audiences', async () => {
    const token = await tokenFor({ audiences: ['vault', 'registry'] })
    expect(fixture.access.userOfToken(token)).toBeUndefined()
    expect((await review(token))?.authenticated).toBeUndefined()
    const status = await review(token, ['registry', 'other'])
    expect(status).toMatchObject({ authenticated: true, audiences: ['registry'], user: { username: 'system:serviceaccount:default:robot' } })
    expect((await review(await tokenFor()))?.authenticated).toBe(true)
  })

  it('end with the account, also when one of the same name follows', async () => {
    const token = await tokenFor()
    await fixture.verbs.delete(serviceAccount, robot, {}, context())
    expect(await review(token)).toEqual({ user: {}, error: 'serviceaccounts "robot" not found' })
    await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
    expect((await review(token))?.error).toMatch(/^serviceaccount UID \(.+\) does not match service account claim \(.+\)$/)
    expect(fixture.access.userOfToken(token)).toBeUndefined()
  })

  it('end with the pod they are bound to, and tell pod and node', async () => {
    const { verbs, access } = fixture
    await verbs.create(node, undefined, { metadata: { name: 'n1' }, spec: {} }, context())
    await verbs.create(pod, 'default', podNamed('web', { serviceAccountName: 'robot', nodeName: 'n1', terminationGracePeriodSeconds: 0 }), context())
    const { uid } = (await verbs.get(pod, { namespace: 'default', name: 'web' })).object.metadata
    const token = await tokenFor({ boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'web', uid } })
    expect(access.userOfToken(token)?.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['web'],
      'authentication.kubernetes.io/pod-uid': [uid],
      'authentication.kubernetes.io/node-name': ['n1'],
    })
    await verbs.delete(pod, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 }, context())
    expect(access.userOfToken(token)).toBeUndefined()
    expect((await review(token))?.error).toBe('service account token has been invalidated')
  })

  it('of the volume that every pod is given last a year, and say when they should have been read again', async () => {
    const { verbs, access, clock } = fixture
    await verbs.create(pod, 'default', podNamed('web', { serviceAccountName: 'robot' }), context())
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'web' }
    const lasting = await request({ boundObjectRef, expirationSeconds: 3607 })
    // what asks for tokens gets a new one as if it lasted an hour
    expect([lasting.spec?.expirationSeconds, lasting.status?.expirationTimestamp]).toEqual([3607, '2026-01-01T01:00:07Z'])
    const claims = claimsOf(lasting.status!.token!) as { iat: number; exp: number; 'kubernetes.io': { warnafter: number } }
    expect([claims.exp - claims.iat, claims['kubernetes.io'].warnafter - claims.iat]).toEqual([31_536_000, 3607])
    const others = [{ expirationSeconds: 3607 }, { boundObjectRef, expirationSeconds: 3608 }, { boundObjectRef, expirationSeconds: 3607, audiences: [api, 'another'] }]
    for (const spec of others) {
      const { exp, iat, 'kubernetes.io': own } = claimsOf(await tokenFor(spec)) as typeof claims
      expect([exp - iat, own.warnafter]).toEqual([spec.expirationSeconds, undefined])
    }
    clock.advance(30 * 86_400_000)
    expect(access.userOfToken(lasting.status!.token!)?.name).toBe('system:serviceaccount:default:robot')
  })

  it('end with the secret they are bound to', async () => {
    await fixture.verbs.create(secret, 'default', { metadata: { name: 's' } }, context())
    const token = await tokenFor({ boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 's' } })
    expect(fixture.access.userOfToken(token)).toBeDefined()
    await fixture.verbs.delete(secret, { namespace: 'default', name: 's' }, {}, context())
    expect(fixture.access.userOfToken(token)).toBeUndefined()
  })

  it('are not made for what cannot be', async () => {
    const message = async (spec: object, ref = robot) => (await refusal(request(spec, ref))).message
    await fixture.verbs.create(pod, 'default', podNamed('other'), context())
    const boundTo = (kind: string, name: string, uid?: string, apiVersion = 'v1') => ({ boundObjectRef: { apiVersion, kind, name, uid } })
    expect(await message({ expirationSeconds: 10 })).toContain('spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes')
    expect(await message({}, { ...robot, name: 'nobody' })).toBe('serviceaccounts "nobody" not found')
    expect(await message(boundTo('Pod', 'gone'))).toBe('pods "gone" not found')
    expect(await message(boundTo('Pod', 'other'))).toBe('cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.')
    expect(await message(boundTo('Pod', 'other', 'wrong'))).toContain('to pod running with different serviceaccount name')
    await fixture.verbs.create(secret, 'default', { metadata: { name: 's' } }, context())
    expect(await message(boundTo('Secret', 's', 'wrong'))).toBe('Operation cannot be fulfilled on Secret "s": the UID in the bound object reference (wrong) does not match the UID in record. The object might have been deleted and then recreated')
    expect(await message(boundTo('ConfigMap', 'x'))).toBe('cannot bind token to object of type /v1, Kind=ConfigMap')
    expect(await message(boundTo('Deployment', 'x', undefined, 'apps/v1'))).toBe('cannot bind token to object of type apps/v1, Kind=Deployment')
  })

  it('are made for a node only when they are bound to a pod that runs there', async () => {
    await fixture.verbs.create(pod, 'default', podNamed('here', { serviceAccountName: 'robot', nodeName: 'n1' }), context())
    const { uid } = (await fixture.verbs.get(pod, { namespace: 'default', name: 'here' })).object.metadata
    const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'here', uid } }
    const kubelet = (name: string) => person(`system:node:${name}`, 'system:nodes')
    expect((await request(bound, robot, kubelet('n1'))).status?.token).toBeDefined()
    expect((await refusal(request(bound, robot, kubelet('n2')))).message).toContain('node requested token bound to a pod scheduled on a different node')
    expect((await refusal(request({}, robot, kubelet('n1')))).message).toContain('node requested token not bound to a pod')
  })

  it('can be checked by anybody with the published key, RSA keys too', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } })
    const jwt = createJwt({ signing: key, verifying: [rsa.publicKey] })
    expect(jwt.algorithms).toEqual(['ES256', 'RS256'])
    const [, second] = jwt.jwks.keys as [object, { kid: string }]
    expect(second).toMatchObject({ use: 'sig', alg: 'RS256', kty: 'RSA', e: 'AQAB' })
    expect(JSON.stringify(jwt.jwks)).not.toContain('"d":')
    const content = `${part({ alg: 'RS256', kid: second.kid })}.${part({ a: 1 })}`
    const old = `${content}.${createSign('sha256').update(content).sign(rsa.privateKey).toString('base64url')}`
    expect(jwt.open(old)).toEqual({ claims: { a: 1 } })
    const discovery = fixture.access.document('/.well-known/openid-configuration')?.body
    expect(isJsonObject(discovery) && discovery['issuer']).toBe(api)
    expect(fixture.access.document('/openid/v1/jwks')?.body).toMatchObject({ keys: [{ kty: 'EC', crv: 'P-256', alg: 'ES256' }] })
  })
})

describe('bootstrap tokens', () => {
  const encoded = (data: Record<string, string>) => Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
  const good = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', 'auth-extra-groups': 'system:bootstrappers:workers' }
  const cases: Array<[string, Record<string, string>, boolean, string[]?]> = [
    ['as it should be', {}, true],
    ['with groups in any order, and twice', { 'auth-extra-groups': 'system:bootstrappers:b,system:bootstrappers:a,system:bootstrappers:b' }, true, ['system:bootstrappers:a', 'system:bootstrappers:b']],
    ['with no groups of its own', { 'auth-extra-groups': '' }, true, []],
    ['with a group that has no name', { 'auth-extra-groups': 'system:bootstrappers:a,' }, false],
    ['with a day alone', { expiration: '2099-01-01' }, false],
    ['with a day that no calendar has', { expiration: '2099-02-30T00:00:00Z' }, false],
    ['with time left', { expiration: '2026-01-01T00:00:01Z' }, true],
    ['whose time is over', { expiration: '2025-12-31T23:59:59Z' }, false],
    ['with a time that is none', { expiration: 'soon' }, false],
    ['of another secret', { 'token-secret': '0123456789abcdeX' }, false],
    ['that may not sign in', { 'usage-bootstrap-authentication': 'false' }, false],
    ['that would make administrators', { 'auth-extra-groups': 'system:masters' }, false],
  ]
  it.each(cases)('%s', async (_title, changes, accepted, groups = ['system:bootstrappers:workers']) => {
    const { verbs, access } = await accessFixture()
    const data = encoded({ ...good, ...changes })
    await verbs.create(secret, 'kube-system', { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', data }, context())
    const user = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', ...groups, 'system:authenticated'] }
    expect(access.userOfToken('abcdef.0123456789abcdef')).toEqual(accepted ? user : undefined)
  })
})
