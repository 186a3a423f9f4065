import { expect, test } from 'vitest'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const web = { namespace: 'default', name: 'web' }
const zone = 'topology.kubernetes.io/zone'
const region = 'topology.kubernetes.io/region'

async function withNode() {
  const fixture = await registry()
  await fixture.verbs.create(node, undefined, { metadata: { name: 'n1', labels: { [zone]: 'z1', [region]: 'r1', other: 'x' } } }, context())
  return fixture
}

test('a pod carries the zone and the region of the node that it is bound to, and what else its binding says', async () => {
  const { verbs } = await withNode()
  await verbs.create(pod, 'default', { ...podNamed('web'), metadata: { name: 'web', labels: { app: 'web', [zone]: 'mine' } } }, context())
  await verbs.patch(pod, web, { type: 'merge', body: { status: { nominatedNodeName: 'n1' } } }, context(), 'status')
  const binding = { metadata: { name: 'web', labels: { a: 'b' }, annotations: { c: 'd' } }, target: { kind: 'Node', name: 'n1' } }
  await verbs.createSubresource(pod, web, 'binding', binding, context())
  const { object } = await verbs.get(pod, web)
  expect(object.metadata).toMatchObject({ labels: { app: 'web', [zone]: 'z1', [region]: 'r1', a: 'b' }, annotations: { c: 'd' }, generation: 1 })
  expect(object.metadata.labels).not.toHaveProperty('other')
  expect(object).not.toHaveProperty('status.nominatedNodeName')
})

test('a pod that is made on a node carries where that is, and one on a node that is not there does not', async () => {
  const { verbs } = await withNode()
  const made = await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1' }), context())
  expect(made.object.metadata.labels).toMatchObject({ [zone]: 'z1', [region]: 'r1' })
  const lost = await verbs.create(pod, 'default', podNamed('lost', { nodeName: 'n2' }), context())
  expect(lost.object.metadata.labels ?? {}).not.toHaveProperty(zone)
})

test('a binding may say which version of the pod it is about', async () => {
  const { verbs } = await withNode()
  const { object } = await verbs.create(pod, 'default', podNamed('web'), context())
  const binding = (resourceVersion?: string) => ({ metadata: { name: 'web', resourceVersion }, target: { kind: 'Node', name: 'n1' } })
  const refused = await refusal(verbs.createSubresource(pod, web, 'binding', binding('1'), context()))
  expect(refused.code).toBe(409)
  expect(refused.message).toContain(`Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: ${object.metadata.resourceVersion}`)
  await verbs.createSubresource(pod, web, 'binding', binding(object.metadata.resourceVersion), context())
})
