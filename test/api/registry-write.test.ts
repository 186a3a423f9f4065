import { describe, expect, test } from 'vitest'
import { deployment, type Deployment } from '../../src-main/kinds/apps/deployment.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace, type Namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { configMapNamed, context, podNamed, refusal, registry } from './registry-fixture.ts'

const inDefault = (name: string) => ({ namespace: 'default', name })

const web = (replicas: number): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
  },
})

describe('create', () => {
  test('sets what only the server says, and ignores what the client said of it', async () => {
    const { verbs } = await registry()
    const body = {
      ...web(2),
      status: { replicas: 9 },
      metadata: { name: 'web', uid: 'mine', generation: 7, creationTimestamp: '2001-01-01T00:00:00Z' },
    }
    const { object, bytes } = await verbs.create(deployment, 'default', body, context())
    expect(object.metadata).toMatchObject({
      name: 'web',
      namespace: 'default',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    })
    expect(object.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect((object as Deployment).status?.replicas).toBeUndefined()
    expect(JSON.parse(bytes.toString())).toEqual(object)
    expect((await verbs.get(deployment, inDefault('web'))).object).toEqual(object)
  })

  test('makes a name of generateName with five letters that Kubernetes uses', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(
      configMap,
      'default',
      { metadata: { generateName: 'x'.repeat(70) } },
      context(),
    )
    expect(object.metadata.name).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  test('says so when eight generated names were taken', async () => {
    const { verbs } = await registry({ random: () => 0 })
    const body = () => ({ metadata: { generateName: 'a-' } })
    await verbs.create(configMap, 'default', body(), context())
    const error = await refusal(verbs.create(configMap, 'default', body(), context()))
    expect(error.status).toMatchObject({ code: 409, reason: 'AlreadyExists' })
    expect(error.message).toBe(
      'configmaps "a-bbbbb" already exists, the server was not able to generate a unique name for the object',
    )
  })

  test('lets exactly one of many creations of the same name win', async () => {
    const { verbs } = await registry()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => verbs.create(configMap, 'default', configMapNamed('one'), context())),
    )
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    const lost = await refusal(verbs.create(configMap, 'default', configMapNamed('one'), context()))
    expect(lost.message).toBe('configmaps "one" already exists')
  })

  test('refuses a namespace that is not there, and one that is being deleted with its cause', async () => {
    const { verbs } = await registry()
    expect((await refusal(verbs.create(configMap, 'nowhere', configMapNamed('a'), context()))).message).toBe(
      'namespaces "nowhere" not found',
    )
    await verbs.create(namespace, undefined, { metadata: { name: 'ending' } }, context())
    await verbs.delete(namespace, { name: 'ending' }, {}, context())
    const error = await refusal(verbs.create(configMap, 'ending', configMapNamed('a'), context()))
    expect(error.code).toBe(403)
    expect(error.message).toBe(
      'configmaps "a" is forbidden: unable to create new content in namespace ending because it is being terminated',
    )
    expect(error.status.details?.causes).toEqual([
      { reason: 'NamespaceTerminating', message: 'namespace ending is being terminated', field: 'metadata.namespace' },
    ])
  })

  test('reads the core group also as one whose name is empty, and keeps it as v1', async () => {
    const { verbs } = await registry()
    expect((await verbs.create(configMap, 'default', { apiVersion: '/v1', kind: 'ConfigMap', metadata: { name: 'a' } }, context())).object.apiVersion).toBe('v1')
  })

  test.each([
    [
      'another namespace',
      { metadata: { name: 'a', namespace: 'kube-system' } },
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another API version',
      { apiVersion: 'apps/v1', metadata: { name: 'a' } },
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      'another kind',
      { kind: 'Pod', metadata: { name: 'a' } },
      'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    ],
    [
      'a wrong type',
      { metadata: { name: 'a' }, data: { key: 1 } },
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
  ])('refuses a body of %s with 400', async (_, body, message) => {
    const { verbs } = await registry()
    const error = await refusal(verbs.create(configMap, 'default', body, context()))
    expect({ code: error.code, message: error.message }).toEqual({ code: 400, message })
  })

  test('warns of unknown and duplicate fields and drops them, refuses them when strict, is silent when told to', async () => {
    const { verbs } = await registry()
    const body = () => ({ ...podNamed('a'), spec: { containers: [{ name: 'c', image: 'i', imgae: 'i' }] } })
    const strict = await refusal(
      verbs.create(pod, 'default', body(), context({ fieldValidation: 'Strict', duplicateFields: ['duplicate field "spec.x"'] })),
    )
    expect(strict.message).toBe(
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: duplicate field "spec.x", unknown field "spec.containers[0].imgae"',
    )
    const quiet = context({ fieldValidation: 'Ignore', dryRun: true })
    await verbs.create(pod, 'default', body(), quiet)
    expect(quiet.warnings).toEqual([])
    const warned = context({ fieldValidation: 'Warn' })
    const { object } = await verbs.create(pod, 'default', body(), warned)
    expect(warned.warnings).toEqual(['unknown field "spec.containers[0].imgae"'])
    expect((object as Pod).spec?.containers[0]).not.toHaveProperty('imgae')
  })

  test('names every invalid field and stores nothing', async () => {
    const { verbs, store } = await registry()
    const before = store.revision
    const error = await refusal(verbs.create(deployment, 'default', web(-1), context()))
    expect(error.message).toBe(
      'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    expect(error.code).toBe(422)
    expect(store.revision).toBe(before)
  })

  test('does everything but the write in a dry run', async () => {
    const { verbs, store } = await registry()
    const before = store.revision
    const { object } = await verbs.create(configMap, 'default', configMapNamed('dry'), context({ dryRun: true }))
    expect(object.metadata.uid).toBeDefined()
    expect(object.metadata.resourceVersion).toBeUndefined()
    expect(store.revision).toBe(before)
  })

  test('waits for reviewers, lets them change the object, and refuses with their word', async () => {
    const { verbs } = await registry({
      reviewers: [
        {
          name: 'labels',
          concerns: ({ kind }) => kind === configMap,
          admit: async ({ object }) => {
            await Promise.resolve()
            object.metadata.labels = { reviewed: 'yes' }
          },
          validate: async ({ name }) => {
            if (name === 'bad') throw new Error('no')
          },
        },
      ],
    })
    const { object } = await verbs.create(configMap, 'default', configMapNamed('good'), context())
    expect(object.metadata.labels).toEqual({ reviewed: 'yes' })
    await expect(verbs.create(configMap, 'default', configMapNamed('bad'), context())).rejects.toThrow('no')
  })
})

describe('update', () => {
  test('refuses an object that started from another version, in Kubernetes’ words', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(configMap, 'default', configMapNamed('a'), context())
    await verbs.update(configMap, inDefault('a'), { ...structuredClone(object), data: { key: 'second' } }, context())
    const error = await refusal(
      verbs.update(configMap, inDefault('a'), { ...structuredClone(object), data: { key: 'third' } }, context()),
    )
    expect(error.code).toBe(409)
    expect(error.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  test('overwrites without a resourceVersion, and needs one where the kind says so', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('a'), context())
    const { object } = await verbs.update(
      configMap,
      inDefault('a'),
      { metadata: { name: 'a' }, data: { other: 'x' } },
      context(),
    )
    expect(object).toMatchObject({ data: { other: 'x' } })
    const careful = { ...configMap, conditionalUpdate: true as const }
    const error = await refusal(verbs.update(careful, inDefault('a'), { metadata: { name: 'a' } }, context()))
    expect(error.message).toBe(
      'configmaps "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    )
  })

  test('of an object that is not there creates it where the kind says so, and answers 404 elsewhere', async () => {
    const { verbs } = await registry()
    const body = () => ({ metadata: { name: 'a' }, spec: { holderIdentity: 'me' } })
    expect((await verbs.update(lease, inDefault('a'), body(), context())).object).toMatchObject({
      metadata: { uid: expect.any(String) },
      spec: { holderIdentity: 'me' },
    })
    expect((await refusal(verbs.update(lease, inDefault('a'), body(), context()))).code).toBe(422)
    expect(
      (await refusal(verbs.update(configMap, inDefault('a'), { metadata: { name: 'a' } }, context()))).message,
    ).toBe('configmaps "a" not found')
  })

  test('keeps uid and creation time, and refuses others', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(configMap, 'default', configMapNamed('a'), context())
    const updated = await verbs.update(configMap, inDefault('a'), { metadata: { name: 'a' }, data: {} }, context())
    expect(updated.object.metadata).toMatchObject({
      uid: object.metadata.uid,
      creationTimestamp: object.metadata.creationTimestamp,
    })
    const error = await refusal(
      verbs.update(configMap, inDefault('a'), { metadata: { name: 'a', uid: 'other' } }, context()),
    )
    expect(error.message).toBe(
      `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: ${object.metadata.uid}`,
    )
    const named = await refusal(verbs.update(configMap, inDefault('a'), { metadata: { name: 'b' } }, context()))
    expect(named.message).toBe('the name of the object (b) does not match the name on the URL (a)')
  })

  test('answers a change of nothing with the object and no new revision', async () => {
    const { verbs, store } = await registry()
    const { object } = await verbs.create(deployment, 'default', web(2), context())
    const before = store.revision
    const same = await verbs.update(deployment, inDefault('web'), structuredClone(object), context())
    expect(same.object.metadata.resourceVersion).toBe(object.metadata.resourceVersion)
    expect(store.revision).toBe(before)
  })

  test('a patch of a status alone leaves all else as it is, shared with what was', async () => {
    const { verbs } = await registry()
    const before = await verbs.create(deployment, 'default', web(2), context())
    const after = await verbs.patch(deployment, inDefault('web'), { type: 'strategic', body: { status: { replicas: 1 } } }, context(), 'status')
    expect(after.object).toMatchObject({ spec: (before.object as Deployment).spec, status: { replicas: 1 } })
    expect((after.object as Deployment).spec).toBe((before.object as Deployment).spec)
  })

  test('quotes the whole object when a patch of a status makes something else of it', async () => {
    const { verbs } = await registry()
    await verbs.create(pod, 'default', podNamed('a'), context())
    const error = await refusal(verbs.patch(pod, inDefault('a'), { type: 'merge', body: { status: { phase: 7 } } }, context(), 'status'))
    expect(error.status).toMatchObject({ code: 422, reason: 'Invalid' })
    expect(error.status.message).toContain('containers')
  })

  test('a status can be written of what another release let pass, and its rules and those of the metadata hold', async () => {
    const { verbs, store } = await registry()
    await verbs.create(pod, 'default', podNamed('a'), context())
    const [stored] = store.list('/core/pods/default/').items
    const wrong = structuredClone(stored!.object) as Pod
    wrong.spec!.restartPolicy = 'Sometimes' as 'Always'
    await store.commit((tx) => tx.put(stored!.key, wrong))
    const patch = (body: object) => verbs.patch(pod, inDefault('a'), { type: 'merge', body }, context(), 'status')
    expect((await patch({ status: { message: 'still here' } })).object).toMatchObject({ status: { message: 'still here' } })
    expect((await refusal(patch({ metadata: { labels: { a: 'no label!' } } }))).status.details?.causes).toMatchObject(Array(3).fill({ field: 'metadata.labels' }))
    expect((await refusal(patch({ status: { podIPs: [{ ip: 'nowhere' }] } }))).status.details?.causes).toMatchObject([{ field: 'status.podIPs[0]' }])
    const elsewhere = verbs.patch(pod, inDefault('a'), { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context())
    expect((await refusal(elsewhere)).status.details?.causes).toContainEqual(expect.objectContaining({ field: 'spec.restartPolicy' }))
  })

  test('counts a new wish in the generation, and neither labels nor status', async () => {
    const { verbs } = await registry()
    await verbs.create(deployment, 'default', web(2), context())
    const labelled = await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'merge', body: { metadata: { labels: { a: 'b' } } } },
      context(),
    )
    expect(labelled.object.metadata.generation).toBe(1)
    const status = await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'merge', body: { status: { replicas: 1 }, spec: { replicas: 50 } } },
      context(),
      'status',
    )
    expect(status.object.metadata.generation).toBe(1)
    expect(status.object).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 } })
    const wish = await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'merge', body: { spec: { replicas: 3 }, status: { replicas: 77 } } },
      context(),
    )
    expect(wish.object.metadata.generation).toBe(2)
    expect(wish.object).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 1 } })
  })

  test('never changes what the store and its watchers share', async () => {
    const { verbs, store } = await registry()
    const { object } = await verbs.create(deployment, 'default', web(2), context())
    const before = JSON.stringify(object)
    await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'main', image: 'other' }] } } } } },
      context(),
    )
    await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'json', body: [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }] },
      context(),
    )
    await verbs.patch(
      deployment,
      inDefault('web'),
      { type: 'merge', body: { status: { replicas: 1 } } },
      context(),
      'status',
    )
    await verbs.update(
      deployment,
      inDefault('web'),
      { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 5 } },
      context(),
      'scale',
    )
    expect(JSON.stringify(object)).toBe(before)
    const stored = store.get('/apps/deployments/default/web')!
    expect(JSON.parse(stored.bytes.toString())).toEqual(JSON.parse(JSON.stringify(stored.object)))
  })

  test('tries a reviewed write again when somebody else was faster', async () => {
    let interfere = async (): Promise<void> => undefined
    const { verbs } = await registry({
      reviewers: [
        {
          name: 'slow',
          concerns: ({ operation }) => operation === 'UPDATE',
          validate: async ({ context: { user } }) => (user.name === 'slow' ? interfere() : undefined),
        },
      ],
    })
    await verbs.create(configMap, 'default', configMapNamed('a'), context())
    interfere = async () => {
      interfere = async () => undefined
      await verbs.patch(configMap, inDefault('a'), { type: 'merge', body: { data: { fast: 'yes' } } }, context())
    }
    const slow = context({ user: { name: 'slow', groups: [] } })
    const { object } = await verbs.patch(
      configMap,
      inDefault('a'),
      { type: 'merge', body: { data: { slow: 'yes' } } },
      slow,
    )
    expect(object).toMatchObject({ data: { fast: 'yes', slow: 'yes' } })
  })
})

describe('patch', () => {
  test('merges containers by name in a strategic patch and replaces the list in a merge patch', async () => {
    const { verbs } = await registry()
    await verbs.create(deployment, 'default', web(1), context())
    const containers = async (type: 'strategic' | 'merge', body: object) => {
      const { object } = await verbs.patch(deployment, inDefault('web'), { type, body }, context())
      return (object as Deployment).spec!.template.spec!.containers.map(({ name, image }) => `${name}=${image}`)
    }
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'side', image: 'nc' }] } } } }
    expect(await containers('strategic', sidecar)).toEqual(['side=nc', 'main=busybox'])
    expect(await containers('merge', sidecar)).toEqual(['side=nc'])
  })

  test('answers 422 when the patch makes a wrong type, and when a test fails', async () => {
    const { verbs } = await registry()
    await verbs.create(deployment, 'default', web(1), context())
    const wrong = await refusal(
      verbs.patch(deployment, inDefault('web'), { type: 'merge', body: { spec: { replicas: 'many' } } }, context()),
    )
    expect(wrong.code).toBe(422)
    expect(wrong.message).toContain(
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    )
    const test = await refusal(
      verbs.patch(
        deployment,
        inDefault('web'),
        { type: 'json', body: [{ op: 'test', path: '/spec/replicas', value: 9 }] },
        context(),
      ),
    )
    expect(test.message).toBe('the server rejected our request due to an error in our request')
    expect(test.status).toMatchObject({ code: 422, reason: 'Invalid', details: {} })
    // clients print the causes instead of the message where there are any
    expect(test.status.details).not.toHaveProperty('causes')
  })

  test('conflicts only when the patch itself names another version', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(configMap, 'default', configMapNamed('a'), context())
    const { resourceVersion } = object.metadata
    const patch = (data: object) =>
      verbs.patch(
        configMap,
        inDefault('a'),
        { type: 'merge', body: { metadata: { resourceVersion }, data } },
        context(),
      )
    await patch({ key: 'two' })
    expect((await refusal(patch({ key: 'three' }))).code).toBe(409)
  })

  test('takes hostile keys as plain data', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('a'), context())
    for (const type of ['merge', 'strategic'] as const) {
      const body: unknown = JSON.parse(
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"data":{"__proto__":"x","constructor":"y"}}',
      )
      const { object } = await verbs.patch(configMap, inDefault('a'), { type, body }, context())
      const data = (object as { data?: object }).data!
      expect(Object.hasOwn(data, 'constructor')).toBe(true)
      expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
    }
    for (const path of ['/__proto__/polluted', '/constructor/prototype/polluted', '/data/__proto__']) {
      await refusal(
        verbs.patch(configMap, inDefault('a'), { type: 'json', body: [{ op: 'add', path, value: 'x' }] }, context()),
      )
    }
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('hostile requests', () => {
  test('cannot reach another namespace by a slash in a name', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'kube-system', configMapNamed('a'), context())
    for (const ref of [
      { name: 'kube-system/a' },
      { namespace: 'default/../kube-system', name: 'a' },
      { namespace: 'kube-system/', name: 'a' },
    ]) {
      expect((await refusal(verbs.get(configMap, ref))).code).toBe(404)
      expect((await refusal(verbs.delete(configMap, ref, {}, context()))).code).toBe(404)
    }
  })

  test('of any depth are refused and leave the server standing', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('a'), context())
    let deep: unknown = 'x'
    for (let i = 0; i < 100_000; i++) deep = { a: deep }
    expect(
      (await refusal(verbs.create(configMap, 'default', { metadata: { name: 'b' }, data: { deep } }, context()))).code,
    ).toBe(400)
    for (const type of ['merge', 'strategic'] as const) {
      expect(
        (await refusal(verbs.patch(configMap, inDefault('a'), { type, body: { data: { deep } } }, context()))).code,
      ).toBe(400)
    }
    expect((await verbs.get(configMap, inDefault('a'))).object).toMatchObject({ data: { key: 'value' } })
  })
})

describe('namespace', () => {
  test('waits for finalize, then goes', async () => {
    const { verbs } = await registry()
    await verbs.create(namespace, undefined, { metadata: { name: 'shop' } }, context())
    const { object, gone } = await verbs.delete(namespace, { name: 'shop' }, {}, context())
    expect(gone).toBe(false)
    expect(object).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } })
    const kept = await verbs.update(namespace, { name: 'shop' }, { ...structuredClone(object), spec: {} }, context())
    expect((kept.object as Namespace).spec?.finalizers).toEqual(['kubernetes'])
    await verbs.update(namespace, { name: 'shop' }, { ...structuredClone(object), spec: {} }, context(), 'finalize')
    expect((await refusal(verbs.get(namespace, { name: 'shop' }))).code).toBe(404)
  })

  test('of the system cannot be deleted', async () => {
    const { verbs } = await registry()
    const error = await refusal(verbs.delete(namespace, { name: 'kube-system' }, {}, context()))
    expect(error.message).toBe('namespaces "kube-system" is forbidden: this namespace may not be deleted')
  })
})
