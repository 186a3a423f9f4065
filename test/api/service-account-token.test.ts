import { describe, expect, test } from 'vitest'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { context, type Fixture, podNamed, refusal, registry } from './registry-fixture.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const created = async ({ verbs }: Fixture, spec: object, name = 'web') =>
  ((await verbs.create(pod, 'default', podNamed(name, spec), context())).object as Pod).spec!

describe('the token of a pod', () => {
  test('is mounted read-only in every container that has nothing there', async () => {
    const own = { name: 'own', mountPath }
    const spec = await created(await registry(), {
      initContainers: [{ name: 'init', image: 'busybox' }],
      containers: [{ name: 'main', image: 'busybox', volumeMounts: [{ name: 'own', mountPath: '/own' }] }, { name: 'side', image: 'busybox', volumeMounts: [own] }],
      volumes: [{ name: 'own', emptyDir: {} }],
    })
    const [first, volume] = spec.volumes!
    expect(first?.name).toBe('own')
    expect(volume?.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    expect(volume?.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    })
    const mount = { name: volume?.name, readOnly: true, mountPath }
    expect(spec.initContainers?.[0]?.volumeMounts).toEqual([mount])
    expect(spec.containers[0]?.volumeMounts).toEqual([{ name: 'own', mountPath: '/own' }, mount])
    expect(spec.containers[1]?.volumeMounts).toEqual([own])
  })

  test('comes by a volume of that name when there is one, and by none when no container has room', async () => {
    const fixture = await registry()
    const mine = { name: 'kube-api-access-mine', emptyDir: {} }
    const spec = await created(fixture, { volumes: [mine] })
    expect(spec.volumes).toEqual([mine])
    expect(spec.containers[0]?.volumeMounts).toEqual([{ name: mine.name, readOnly: true, mountPath }])
    const volumes = [{ name: 'own', emptyDir: {} }]
    const full = await created(fixture, { volumes, containers: [{ name: 'main', image: 'busybox', volumeMounts: [{ name: 'own', mountPath }] }] }, 'full')
    expect(full.volumes).toEqual(volumes)
  })

  test('is left out when the account refuses, unless the pod insists, and the other way round', async () => {
    const fixture = await registry()
    await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'shy' }, automountServiceAccountToken: false }, context())
    const has = async (name: string, spec: object) => ((await created(fixture, spec, name)).volumes ?? []).length === 1
    expect(await has('a', { serviceAccountName: 'shy' })).toBe(false)
    expect(await has('b', { serviceAccountName: 'shy', automountServiceAccountToken: true })).toBe(true)
    expect(await has('c', { automountServiceAccountToken: false })).toBe(false)
    expect(await has('d', {})).toBe(true)
  })

  test('and the account are not for mirror pods', async () => {
    const { verbs } = await registry()
    const mirror = (name: string, spec: object) =>
      verbs.create(pod, 'default', podNamed(name, { nodeName: 'n1', ...spec }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }), context())
    const { spec } = (await mirror('static', {})).object as Pod
    expect(spec?.serviceAccountName).toBeUndefined()
    expect(spec?.volumes).toBeUndefined()
    expect((await refusal(mirror('other', { serviceAccountName: 'default' }))).message).toBe('pods "other" is forbidden: a mirror pod may not reference service accounts')
    for (const source of [{ secret: { secretName: 's' } }, { projected: { sources: [{ secret: { name: 's' } }] } }]) {
      expect((await refusal(mirror('other', { volumes: [{ name: 'v', ...source }] }))).message).toBe('pods "other" is forbidden: a mirror pod may not reference secrets')
    }
  })
})

describe('an account that names the secrets of its pods', () => {
  const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
  const strict = { metadata: { name: 'strict', annotations }, secrets: [{ name: 'mine' }], imagePullSecrets: [{ name: 'pull' }] }

  test('keeps them from all others', async () => {
    const fixture = await registry()
    await fixture.verbs.create(serviceAccount, 'default', strict, context())
    const cause = async (spec: object) => (await refusal(created(fixture, { serviceAccountName: 'strict', ...spec }))).message.replace('pods "web" is forbidden: ', '')
    const why = 'is not allowed because service account strict does not reference that secret'
    const env = (name: string) => [{ name: 'A', valueFrom: { secretKeyRef: { name, key: 'k' } } }]
    expect(await cause({ volumes: [{ name: 'v', secret: { secretName: 'foreign' } }] })).toBe(`volume with secret.secretName="foreign" ${why}`)
    expect(await cause({ containers: [{ name: 'main', image: 'i', env: env('foreign') }] })).toBe(`container main with envVar A referencing secret.secretName="foreign" ${why}`)
    expect(await cause({ containers: [{ name: 'main', image: 'i', envFrom: [{ secretRef: { name: 'foreign' } }] }] })).toBe(`container main with envFrom referencing secret.secretName="foreign" ${why}`)
    expect(await cause({ initContainers: [{ name: 'first', image: 'i', env: env('foreign') }] })).toBe(`init container first with envVar A referencing secret.secretName="foreign" ${why}`)
    expect(await cause({ imagePullSecrets: [{ name: 'pull' }, { name: 'foreign' }] })).toBe('imagePullSecrets[1].name="foreign" is not allowed because service account strict does not reference that imagePullSecret')
    const spec = await created(fixture, { serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName: 'mine' } }], containers: [{ name: 'main', image: 'i', env: env('mine') }] })
    expect(spec.imagePullSecrets).toEqual([{ name: 'pull' }])
    const look = (name: string) => fixture.verbs.patch(pod, { namespace: 'default', name: 'web' }, { type: 'strategic', body: { spec: { ephemeralContainers: [{ name: 'look', image: 'i', env: env(name) }] } } }, context(), 'ephemeralcontainers')
    expect(await refusal(look('foreign'))).toMatchObject({ message: `ephemeral container look with envVar A referencing secret.secretName="foreign" ${why}`, status: { code: 500 } })
    await look('mine')
  })

  test('is asked for nothing when it does not insist', async () => {
    const fixture = await registry()
    await fixture.verbs.create(serviceAccount, 'default', { ...strict, metadata: { name: 'loose', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'no' } } }, context())
    await created(fixture, { serviceAccountName: 'loose', volumes: [{ name: 'v', secret: { secretName: 'foreign' } }] })
  })
})
