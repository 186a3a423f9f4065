import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { timestamp } from '../../src-main/base/clock.ts'
import { tokenCleaner } from '../../src-main/controllers/token-cleaner.ts'
import { tokenSecrets } from '../../src-main/controllers/token-secrets.ts'
import { bootstrapSigner } from '../../src-main/controllers/token-signer.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { secret, type Secret } from '../../src-main/kinds/core/secret.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

let plane: ControlPlane
afterEach(() => plane.stop())

const gone = (ref: { namespace: string; name: string }) => eventually(`${ref.name} to be gone`, () => plane.client.get(secret, ref).then(() => false, isNotFound))
const plain = (data: Secret['data']) => Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))

describe('a Secret for the token of a service account', { timeout: 30_000 }, () => {
  const make = (name: string, account: string, annotations: object = {}): Promise<Secret> =>
    plane.client.create(secret, { metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account, ...annotations } }, type: 'kubernetes.io/service-account-token' })

  it('is filled, and filled again when a part is taken out', async () => {
    plane = await startControlPlane({ controllers: [tokenSecrets({ caPem: 'the PEM', token: ({ metadata }, name) => `${metadata.name}-${name}` })] })
    const { client } = plane
    const account = await client.create(serviceAccount, { metadata: { name: 'robot', namespace: 'default' } })
    await make('t', 'robot', { own: 'kept' })
    const filled = () => eventually('a filled secret', async () => {
      const found = await client.get(secret, { namespace: 'default', name: 't' })
      return JSON.stringify(plain(found.data)) === '{"ca.crt":"the PEM","namespace":"default","token":"robot-t"}' && found
    })
    expect((await filled()).metadata.annotations).toEqual({ own: 'kept', 'kubernetes.io/service-account.name': 'robot', 'kubernetes.io/service-account.uid': account.metadata.uid })
    await client.patch(secret, { namespace: 'default', name: 't' }, { type: 'merge', body: { data: { token: null, 'ca.crt': 'eA==' } } })
    await filled()
    expect(plane.complaints).toEqual([])
  })

  it('is taken out of its account when it is gone, and nothing else is', async () => {
    plane = await startControlPlane({ controllers: [tokenSecrets({ caPem: 'the PEM', token: () => 'token' })] })
    const { client } = plane
    const robot = { namespace: 'default', name: 'robot' }
    await client.create(serviceAccount, { metadata: robot, secrets: [{ name: 't' }, { name: 'plain' }, { name: 'other' }] })
    await make('t', 'robot')
    await make('other', 'robot')
    await client.create(secret, { metadata: { name: 'plain', namespace: 'default' } })
    await eventually('a filled secret', async () => (await client.get(secret, { namespace: 'default', name: 't' })).data?.['token'])
    await client.delete(secret, { namespace: 'default', name: 'plain' })
    await client.delete(secret, { namespace: 'default', name: 't' })
    await eventually('the account without it', async () => (await client.get(serviceAccount, robot)).secrets?.map(({ name }) => name).join() === 'plain,other')
    expect(plane.complaints).toEqual([])
  })

  it('goes with its account, or when there never was that one', async () => {
    plane = await startControlPlane({ controllers: [tokenSecrets({ caPem: 'the PEM', token: () => 'token' })] })
    const { client } = plane
    await client.create(serviceAccount, { metadata: { name: 'robot', namespace: 'default' } })
    await make('mine', 'robot')
    await make('nobodys', 'missing')
    await make('anothers', 'robot', { 'kubernetes.io/service-account.uid': 'another' })
    await gone({ namespace: 'default', name: 'nobodys' })
    await gone({ namespace: 'default', name: 'anothers' })
    expect((await client.get(secret, { namespace: 'default', name: 'mine' })).metadata.name).toBe('mine')
    await client.delete(serviceAccount, { namespace: 'default', name: 'robot' })
    await gone({ namespace: 'default', name: 'mine' })
  })
})

describe('bootstrap tokens', () => {
  const token = (id: string, more: Record<string, string>) =>
    plane.client.create(secret, {
      metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(Object.entries({ 'token-id': id, 'token-secret': 'sixteen-letters-', ...more }).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    })
  const start = async (clock = fakeClock()) => {
    plane = await startControlPlane({ controllers: [tokenCleaner, bootstrapSigner], clock })
    for (const name of ['kube-system', 'kube-public']) await plane.client.create(namespace, { metadata: { name } })
    return clock
  }

  it('that may sign do so under the kubeconfig of cluster-info, as long as they are there', async () => {
    await start()
    const { client } = plane
    await token('aaaaaa', { 'usage-bootstrap-signing': 'true' })
    await token('bbbbbb', { 'usage-bootstrap-authentication': 'true' })
    await client.create(configMap, { metadata: { name: 'cluster-info', namespace: 'kube-public' }, data: { kubeconfig: 'the config', 'jws-kubeconfig-cccccc': 'old' } })
    const keys = (...expected: string[]) => eventually(`keys ${expected.join(' ')}`, async () => {
      const { data = {} } = await client.get(configMap, { namespace: 'kube-public', name: 'cluster-info' })
      return JSON.stringify(Object.keys(data).sort()) === JSON.stringify(expected) && data
    })
    const data = await keys('jws-kubeconfig-aaaaaa', 'kubeconfig')
    const [header = '', content, signature] = data['jws-kubeconfig-aaaaaa']!.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'aaaaaa' })
    expect(content).toBe('')
    const signed = `${header}.${Buffer.from('the config').toString('base64url')}`
    expect(signature).toBe(createHmac('sha256', 'sixteen-letters-').update(signed).digest('base64url'))
    await client.delete(secret, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' })
    await keys('kubeconfig')
  })

  it('are deleted when their time is over', async () => {
    const clock = await start()
    await token('aaaaaa', { expiration: timestamp(clock.now() + 60_000) })
    await token('bbbbbb', {})
    await eventually('it to be gone', async () => {
      clock.advance(10_000)
      return plane.client.get(secret, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' }).then(() => false, isNotFound)
    })
    expect((await plane.client.get(secret, { namespace: 'kube-system', name: 'bootstrap-token-bbbbbb' })).metadata.name).toBe('bootstrap-token-bbbbbb')
  })
})
