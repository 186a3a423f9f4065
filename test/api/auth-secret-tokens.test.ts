import { beforeEach, describe, expect, it } from 'vitest'
import { tokenReview } from '../../src-main/kinds/authentication/token-review.ts'
import { secret, type Secret } from '../../src-main/kinds/core/secret.ts'
import { serviceAccount, type ServiceAccount } from '../../src-main/kinds/core/service-account.ts'
import type { TokenReview } from '../../src-main/kinds/generated/types.ts'
import { type AccessFixture, accessFixture } from './auth-fixture.ts'
import { context } from './registry-fixture.ts'

const issuer = 'https://kubernetes.default.svc.cluster.local'
const ref = { namespace: 'default', name: 'robot-token' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('the token of a Secret', () => {
  let fixture: AccessFixture
  let token: string
  let account: ServiceAccount
  beforeEach(async () => {
    fixture = await accessFixture()
    account = (await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())).object as ServiceAccount
    token = fixture.access.secretToken(account, ref.name)
    await fixture.verbs.create(secret, 'default', {
      metadata: { name: ref.name, annotations: { 'kubernetes.io/service-account.name': 'robot' } }, type: 'kubernetes.io/service-account-token', data: { token: base64(token) },
    }, context())
  })
  const review = async (audiences?: string[]): Promise<TokenReview['status']> =>
    ((await fixture.verbs.create(tokenReview, undefined, { spec: { token, audiences } }, context())).object as TokenReview).status

  it('proves who the account is, to the API server alone', async () => {
    const user = { uid: account.metadata.uid, groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] }
    expect(fixture.access.userOfToken(token)).toEqual({ name: 'system:serviceaccount:default:robot', ...user })
    expect(await review()).toEqual({ authenticated: true, audiences: [issuer], user: { username: 'system:serviceaccount:default:robot', ...user } })
    expect(await review([issuer, 'vault'])).toMatchObject({ authenticated: true, audiences: [issuer] })
    expect(await review(['vault'])).toEqual({ user: {}, error: `token audiences ["${issuer}"] is invalid for the target audiences ["vault"]` })
  })

  it('proves nothing without its Secret', async () => {
    await fixture.verbs.delete(secret, ref, {}, context())
    expect(await review()).toEqual({ user: {}, error: 'service account token has been invalidated' })
  })

  it('proves nothing when its Secret holds another one, or is marked', async () => {
    const patch = (body: object) => fixture.verbs.patch(secret, ref, { type: 'merge', body }, context())
    await patch({ metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } })
    expect((await review())?.error).toContain('the token in secret default/robot-token for service account default/robot has been marked invalid.')
    await patch({ metadata: { labels: null } })
    expect((await review())?.authenticated).toBe(true)
    await patch({ data: { token: base64(`${token}x`) } })
    expect((await review())?.error).toBe("service account token does not match server's copy")
  })

  it('proves nothing for an account of the same name made since', async () => {
    await fixture.verbs.delete(serviceAccount, { namespace: 'default', name: 'robot' }, {}, context())
    expect((await review())?.error).toBe('serviceaccounts "robot" not found')
    const { object } = await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' } }, context())
    expect((await review())?.error).toBe(`service account UID (${(object as Secret).metadata.uid}) does not match claim (${account.metadata.uid})`)
  })
})
