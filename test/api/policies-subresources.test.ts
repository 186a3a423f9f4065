import { describe, expect, it } from 'vitest'
import { evictionType } from '../../src-main/api/subresources/eviction.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { selfSubjectAccessReview } from '../../src-main/kinds/authorization/self-subject-access-review.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { on, policyFixture, type PolicyFixture } from './policies-fixture.ts'
import { context, podNamed, refusal } from './registry-fixture.ts'

const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const web = { name: 'web', namespace: 'default' }
const failure = async (work: Promise<unknown>) => (await refusal(work)).status

describe('what a subresource is sent', () => {
  const withPod = async (): Promise<PolicyFixture> => {
    const f = await policyFixture()
    await f.create(pod, podNamed('web'))
    return f
  }
  const binding = () => ({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web' }, target: { kind: 'Node', name: 'a' } })
  const eviction = () => ({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' }, deleteOptions: { gracePeriodSeconds: 5 } })
  const nodeOf = async (f: PolicyFixture) => ((await f.verbs.get(pod, web)).object as Pod)

  it('is changed in a binding, with an object as with a patch', async () => {
    const f = await withPod()
    await f.mutating('m', { matchConstraints: on('pods/binding', ['CREATE']), mutations: [apply('Object{metadata: Object.metadata{labels: {"by": "policy"}}}'), patch('[JSONPatch{op: "replace", path: "/target/name", value: "b"}]')] })
    await f.verbs.createSubresource(pod, web, 'binding', binding(), context())
    expect(await nodeOf(f)).toMatchObject({ metadata: { labels: { by: 'policy' } }, spec: { nodeName: 'b' } })
  })

  it('is changed in an eviction with a patch; its type is not among those of its version', async () => {
    const f = await withPod()
    await f.verbs.createSubresource(pod, web, 'binding', binding(), context())
    await f.mutating('m', { matchConstraints: on('pods/eviction', ['CREATE']), mutations: [patch('[JSONPatch{op: "add", path: "/deleteOptions/gracePeriodSeconds", value: 77}]')] })
    await f.verbs.createSubresource(pod, web, 'eviction', eviction(), context())
    expect((await nodeOf(f)).metadata.deletionGracePeriodSeconds).toBe(77)
    await f.mutating('n', { matchConstraints: on('pods/eviction', ['CREATE']), mutations: [apply('Object{deleteOptions: Object.deleteOptions{gracePeriodSeconds: 7}}')] })
    expect((await failure(f.verbs.createSubresource(pod, web, 'eviction', eviction(), context()))).message).toContain('no corresponding type for policy/v1, Kind=Eviction')
  })

  it('is changed before a connection is opened', async () => {
    const f = await withPod()
    await f.mutating('m', { matchConstraints: on('pods/exec', ['CONNECT']), mutations: [patch('[JSONPatch{op: "replace", path: "/command", value: ["echo"]}]')] })
    const asked = () => ({ apiVersion: 'v1', kind: 'PodExecOptions', command: ['sh'], stdout: true }) as unknown as KubeObject
    const options = asked()
    await f.verbs.connect(pod, web, 'exec', options, context())
    expect(options).toEqual({ apiVersion: 'v1', kind: 'PodExecOptions', command: ['echo'], stdout: true })
    await f.mutating('n', { matchConstraints: on('pods/exec', ['CONNECT']), mutations: [apply('Object{command: ["sh"]}')] })
    expect((await failure(f.verbs.connect(pod, web, 'exec', asked(), context()))).message).toContain('no corresponding type for /v1, Kind=PodExecOptions')
  })

  it.each<[string, readonly string[], (f: PolicyFixture) => Promise<unknown>]>([
    ['binding', ['CREATE'], (f) => f.verbs.createSubresource(pod, web, 'binding', binding(), context())],
    ['eviction', ['CREATE'], (f) => f.verbs.createSubresource(pod, web, 'eviction', eviction(), context())],
    ['exec', ['CONNECT'], (f) => f.verbs.connect(pod, web, 'exec', { apiVersion: 'v1', kind: 'PodExecOptions', command: ['sh'] } as unknown as KubeObject, context())],
    ['status', ['UPDATE'], async (f) => f.verbs.update(pod, web, { ...(await f.verbs.get(pod, web)).object, status: { phase: 'Running' } }, context(), 'status')],
  ])('is judged by validating policies: %s', async (subresource, operations, act) => {
    const f = await withPod()
    await f.validating({ matchConstraints: on(`pods/${subresource}`, operations), validations: [{ expression: 'request.subResource == "" || object == null', messageExpression: '"no " + request.kind.kind + " of " + request.resource.resource + "/" + request.subResource' }] })
    const kind = subresource === 'eviction' ? evictionType.kind : { binding: 'Binding', exec: 'PodExecOptions', status: 'Pod' }[subresource]
    expect((await failure(act(f))).message).toBe(`pods "web" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no ${kind} of pods/${subresource}`)
  })
})

describe('questions', () => {
  it('are nobody\'s to judge or to change: a policy could keep the server from telling what one may do', async () => {
    const f = await policyFixture()
    const all = { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }] }
    await f.validating({ matchConstraints: all, validations: [{ expression: 'false' }] })
    await f.mutating('m', { matchConstraints: all, mutations: [patch('[JSONPatch{op: "add", path: "/spec/nothing", value: 1}]')] })
    const asked = await f.create(selfSubjectAccessReview, { metadata: { name: 'q' }, spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } })
    expect(asked.object).toMatchObject({ spec: { resourceAttributes: { verb: 'get' } } })
    await refusal(f.create(pod, podNamed('web')))
  })
})
