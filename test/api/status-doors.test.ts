import { expect, test } from 'vitest'
import { type CustomResourceDefinition, customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { flowSchema } from '../../src-main/kinds/flowcontrol/flow-schema.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { podDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { priorityClass } from '../../src-main/kinds/scheduling/priority-class.ts'
import { csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'
import { volumeAttachment } from '../../src-main/kinds/storage/volume-attachment.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const web = { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, template } }
const names = { plural: 'cogs', singular: 'cog', kind: 'Cog', listKind: 'CogList' }
const crd = { metadata: { name: 'cogs.example.com' }, spec: { group: 'example.com', scope: 'Cluster', names, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] } }
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u-1' }
const attachment = { metadata: { name: 'web' }, spec: { attacher: 'csi.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } }
const schema = { metadata: { name: 'web' }, spec: { priorityLevelConfiguration: { name: 'global-default' }, matchingPrecedence: 10 } }

/** What a status writer changes of the metadata beside the status, kind by kind as Kubernetes' strategies have it. */
const doors: ReadonlyArray<readonly [AnyKind, { metadata: { name: string } }, readonly string[]]> = [
  [node, { metadata: { name: 'web' } }, ['annotations', 'finalizers', 'labels', 'ownerReferences']],
  [deployment, web, ['annotations', 'finalizers', 'ownerReferences']],
  [pod, podNamed('web') as { metadata: { name: string } }, ['annotations', 'finalizers', 'labels']],
  [customResourceDefinition, crd, ['annotations', 'finalizers', 'labels', 'ownerReferences']],
  [volumeAttachment, attachment, []],
  [flowSchema, schema, []],
]
test.each(doors.map(([kind, ...rest]) => [kind.kind, kind, ...rest] as const))('the status of a %s opens its metadata as far as in Kubernetes', async (_name, kind, body, open) => {
  const { verbs } = await registry()
  const namespace = kind.namespaced ? 'default' : undefined
  const ref = { name: body.metadata.name, ...(namespace ? { namespace } : {}) }
  await verbs.create(kind, namespace, structuredClone(body), context())
  const metadata = { labels: { a: 'b' }, annotations: { a: 'b' }, finalizers: ['example.com/hold'], ownerReferences: [owner] }
  const after = (await verbs.patch(kind, ref, { type: 'merge', body: { metadata } }, context(), 'status')).object.metadata as unknown as Record<string, unknown>
  const changed = Object.entries(metadata).filter(([name, value]) => JSON.stringify(after[name]) === JSON.stringify(value)).map(([name]) => name)
  expect(changed.sort()).toEqual(open)
})

test('the status of a custom resource is written alone', async () => {
  const { verbs } = await registry()
  const version = { ...crd.spec.versions[0]!, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }
  const [kind] = customKinds({ ...crd, spec: { ...crd.spec, versions: [version] } } as CustomResourceDefinition)
  if (!kind) throw new Error('the definition has no version')
  await verbs.create(kind, undefined, { metadata: { name: 'web' } }, context())
  const { object } = await verbs.patch(kind, { name: 'web' }, { type: 'merge', body: { metadata: { labels: { a: 'b' }, finalizers: ['example.com/hold'] }, status: { ready: true } } }, context(), 'status')
  expect(object).toMatchObject({ status: { ready: true } })
  expect(object.metadata.labels ?? object.metadata.finalizers).toBeUndefined()
})

test('generation counts as each kind counts: annotations of a Deployment, nothing of a PriorityClass, a CSIDriver from its first change on', async () => {
  const { verbs } = await registry()
  const generations = async (kind: AnyKind, body: { metadata: { name: string } }, ...changes: object[]): Promise<Array<number | undefined>> => {
    const namespace = kind.namespaced ? 'default' : undefined
    const seen = [(await verbs.create(kind, namespace, structuredClone(body), context())).object.metadata.generation]
    for (const change of changes) seen.push((await verbs.patch(kind, { name: body.metadata.name, ...(namespace ? { namespace } : {}) }, { type: 'merge', body: change }, context())).object.metadata.generation)
    return seen
  }
  await verbs.create(deployment, 'default', { ...structuredClone(web), metadata: { name: 'told' } }, context())
  const told = await verbs.patch(deployment, { namespace: 'default', name: 'told' }, { type: 'merge', body: { metadata: { annotations: { a: 'b' } } } }, context(), 'status')
  expect(told.object.metadata).toMatchObject({ annotations: { a: 'b' }, generation: 1 })
  expect(await generations(deployment, web, { metadata: { annotations: { a: 'b' } } }, { metadata: { labels: { a: 'b' } } }, { spec: { paused: true } })).toEqual([1, 2, 2, 3])
  expect(await generations(priorityClass, { metadata: { name: 'p' }, value: 7 } as never, { description: 'new' })).toEqual([1, 1])
  expect(await generations(csiDriver, { metadata: { name: 'csi.example.com' }, spec: {} } as never, { metadata: { labels: { a: 'b' } } }, { spec: { requiresRepublish: true } })).toEqual([undefined, undefined, 1])
})

const careful: ReadonlyArray<readonly [AnyKind, { metadata: { name: string } }]> = [
  [podDisruptionBudget, { metadata: { name: 'p' }, spec: { minAvailable: 1 } } as never],
  [volumeAttachment, { ...attachment, metadata: { name: 'a' } }],
  [customResourceDefinition, crd],
]
test.each(careful.map(([kind, body]) => [kind.kind, kind, body] as const))('an update of a %s says which version it started from', async (_name, kind, body) => {
  const { verbs } = await registry()
  const namespace = kind.namespaced ? 'default' : undefined
  const ref = { name: body.metadata.name, ...(namespace ? { namespace } : {}) }
  const { object } = await verbs.create(kind, namespace, structuredClone(body), context())
  const { message, code } = await refusal(verbs.update(kind, ref, structuredClone(body), context()))
  expect([code, message.endsWith('metadata.resourceVersion: Invalid value: 0: must be specified for an update')]).toEqual([422, true])
  await expect(verbs.update(kind, ref, structuredClone(object), context())).resolves.toBeDefined()
})

test('a RuntimeClass that is not there is made by an update', async () => {
  const { verbs } = await registry()
  const { object } = await verbs.update(runtimeClass, { name: 'r' }, { metadata: { name: 'r' }, handler: 'runc' }, context())
  expect(object).toMatchObject({ metadata: { name: 'r' }, handler: 'runc' })
})
