import { describe, expect, it } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { on, policyFixture, type PolicyFixture } from './policies-fixture.ts'
import { configMapNamed, context, podNamed, refusal } from './registry-fixture.ts'

const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const label = (name: string, value = '"yes"') => apply(`Object{metadata: Object.metadata{labels: Object.metadata.labels{${name}: ${value}}}}`)
const created = async (f: PolicyFixture, object: object = podNamed('web')): Promise<Pod> => (await f.create(pod, object)).object as Pod
const failure = async (work: Promise<unknown>) => (await refusal(work)).status

describe('a MutatingAdmissionPolicy', () => {
  it('lays an object over the one that comes, and lists by their keys', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [apply('Object{metadata: Object.metadata{labels: Object.metadata.labels{mutated: "true"}}, spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh", image: "mesh:1", restartPolicy: "Always"}], containers: [Object.spec.containers{name: "main", image: "other"}]}}')] })
    const made = await created(f, podNamed('web', { initContainers: [{ name: 'first', image: 'i' }] }, { labels: { app: 'web' } }))
    expect(made.metadata.labels).toEqual({ app: 'web', mutated: 'true' })
    expect(made.spec?.initContainers?.map(({ name }) => name).sort()).toEqual(['first', 'mesh'])
    expect(made.spec?.containers).toMatchObject([{ name: 'main', image: 'other', imagePullPolicy: 'Always' }])
  })

  it('is counted with what its mutations came to', async () => {
    const f = await policyFixture()
    await f.mutating('m', { failurePolicy: 'Ignore', mutations: [apply('Object{metadata: Object.metadata{labels: {"a": "b"}}}'), patch('[JSONPatch{op: "remove", path: "/nothing"}]')] })
    await created(f, podNamed('web'))
    const text = exposition(f.families())
    for (const errorType of ['no_error', 'invalid_error']) {
      const labels = `{policy="m",policy_binding="m",error_type="${errorType}"}`
      expect(text).toContain(`apiserver_mutating_admission_policy_check_total${labels} 1\n`)
      expect(text).toContain(`apiserver_mutating_admission_policy_check_duration_seconds_count${labels} 1\n`)
    }
  })

  it('is counted with what its match conditions came to', async () => {
    const f = await policyFixture()
    await f.mutating('m', { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }], mutations: [apply('Object{}')] })
    await created(f, podNamed('web'))
    const labels = '{name="m",kind="policy",type="validate",operation="CREATE"}'
    const text = exposition(f.families())
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_errors_total${labels} 1\n`)
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_seconds_count${labels} 1\n`)
  })

  it('patches with operations', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch('[JSONPatch{op: "add", path: "/metadata/annotations", value: {}}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("a/b"), value: object.metadata.name}, JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "side", image: "i"}}]')] })
    const made = await created(f)
    expect(made.metadata.annotations).toEqual({ 'a/b': 'web' })
    // what the server adds to containers comes to this one too
    expect(made.spec?.containers).toMatchObject([{ name: 'main' }, { name: 'side', terminationMessagePolicy: 'File', volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] }])
  })

  it.each<[string, string]>([
    ['[JSONPatch{op: "replace", path: "/metadata/nothing", value: 1}]', 'replace operation does not apply: doc is missing key: /metadata/nothing: missing value'],
    ['[JSONPatch{op: "add", path: "/nothing/more", value: 1}]', 'add operation does not apply: doc is missing path: "/nothing/more": missing value'],
    ['[JSONPatch{op: "remove", path: "/spec/containers/5"}]', "error in remove for path: '/spec/containers/5': Unable to access invalid index: 5: invalid index referenced"],
    ['[JSONPatch{op: "add", path: "/spec/containers/x", value: 1}]', "error in add for path: '/spec/containers/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax"],
    ['[JSONPatch{op: "copy", from: "/nothing", path: "/spec/x"}]', "error in copy for from: '/nothing': unable to get nonexistent key: nothing: missing value"],
    ['[JSONPatch{op: "move", from: "/a/b", path: "/spec/x"}]', 'move operation does not apply: doc is missing from path: /a/b: missing value'],
    ['[JSONPatch{op: "test", path: "/a/b", value: 1}]', 'test operation does not apply: is missing path: /a/b: missing value'],
    ['[JSONPatch{op: "no", path: "/spec"}]', 'Unexpected kind: no'],
  ])('says why %s cannot be done', async (expression, why) => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch(expression)] })
    expect((await failure(created(f))).message).toBe(`policy 'm' with binding 'm' denied request: JSON Patch: ${why}`)
  })

  it('reads paths as Kubernetes does: what is before the first slash is nobody\'s, and an index below zero counts from the end', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch('[JSONPatch{op: "add", path: "x/spec/hostname", value: "h"}, JSONPatch{op: "add", path: "/spec/containers/-1", value: Object.spec.containers{name: "last", image: "i"}}, JSONPatch{op: "replace", path: "/spec/containers/-2/image", value: "j"}]')] })
    expect((await created(f)).spec).toMatchObject({ hostname: 'h', containers: [{ name: 'main', image: 'j' }, { name: 'last' }] })
  })

  it('is asked once more if it wishes, after it changed the object itself', async () => {
    const f = await policyFixture()
    const append = patch('[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "c" + string(size(object.spec.containers)), image: "i"}}]')
    await f.mutating('once', { mutations: [append] })
    expect((await created(f)).spec?.containers.map(({ name }) => name)).toEqual(['main', 'c1'])
    const g = await policyFixture()
    await g.mutating('again', { mutations: [append], reinvocationPolicy: 'IfNeeded' })
    expect((await created(g)).spec?.containers.map(({ name }) => name)).toEqual(['main', 'c1', 'c2'])
  })

  it('changes a Scale with a patch where that is what is written, and finds no type for it in its version', async () => {
    const f = await policyFixture()
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await f.create(deployment, { metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, template } })
    await f.mutating('m', { matchConstraints: on('deployments/scale', ['UPDATE'], 'apps'), mutations: [patch('[JSONPatch{op: "replace", path: "/spec/replicas", value: object.spec.replicas + 1}]'), patch('[JSONPatch{op: "replace", path: "/spec/replicas", value: object.spec.replicas * 2}]')] })
    const { object } = await f.verbs.patch(deployment, { name: 'web', namespace: 'default' }, { type: 'merge', body: { spec: { replicas: 2 } } }, context(), 'scale')
    expect(object).toMatchObject({ kind: 'Scale', spec: { replicas: 6 } })
    expect((await f.verbs.get(deployment, { name: 'web', namespace: 'default' })).object).toMatchObject({ spec: { replicas: 6 } })
    await f.mutating('n', { matchConstraints: on('deployments/scale', ['UPDATE'], 'apps'), mutations: [apply('Object{spec: Object.spec{replicas: 9}}')] })
    const refused = f.verbs.patch(deployment, { name: 'web', namespace: 'default' }, { type: 'merge', body: { spec: { replicas: 2 } } }, context(), 'scale')
    expect((await failure(refused)).message).toContain('failed to convert patch object to typed object: no corresponding type for autoscaling/v1, Kind=Scale')
  })

  it('may give an object another name', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [apply('Object{metadata: Object.metadata{name: "other"}}')] })
    expect((await created(f)).metadata.name).toBe('other')
  })

  it('changes nothing where a test of its patch fails', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch('[JSONPatch{op: "test", path: "/metadata/name", value: "other"}, JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "x"}]')] })
    expect((await created(f)).spec?.containers).toMatchObject([{ image: 'busybox' }])
  })

  it('uses variables, parameters and conditions', async () => {
    const f = await policyFixture()
    await f.create(configMap, { metadata: { name: 'team' }, data: { team: 'blue' } })
    await f.mutating('m', {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, variables: [{ name: 'team', expression: 'params.data.team' }],
      matchConditions: [{ name: 'new', expression: "!has(object.metadata.labels) || !('team' in object.metadata.labels)" }], mutations: [label('team', 'variables.team')],
    }, { paramRef: { name: 'team', parameterNotFoundAction: 'Deny' } })
    expect((await created(f)).metadata.labels).toEqual({ team: 'blue' })
    expect((await created(f, podNamed('red', {}, { labels: { team: 'red' } }))).metadata.labels).toEqual({ team: 'red' })
  })

  it('sees what those before it made, and is asked again after others if it wishes', async () => {
    const f = await policyFixture()
    const count = (name: string) => apply(`Object{metadata: Object.metadata{annotations: {"${name}": string(size(object.metadata.?labels.orValue({})))}}}`)
    await f.mutating('a', { mutations: [count('never')] })
    await f.mutating('b', { mutations: [count('again')], reinvocationPolicy: 'IfNeeded' })
    await f.mutating('c', { mutations: [label('x'), label('y', 'object.metadata.labels.x')] })
    const made = await created(f)
    expect(made.metadata.labels).toEqual({ x: 'yes', y: 'yes' })
    expect(made.metadata.annotations).toEqual({ never: '0', again: '2' })
  })

  it('changes updates, never what only the server says', async () => {
    const f = await policyFixture()
    const before = (await f.create(configMap, configMapNamed('c'))).object
    await f.mutating('m', { matchConstraints: on('configmaps', ['UPDATE']), mutations: [apply('Object{data: {"by": oldObject.data.key}, metadata: Object.metadata{uid: "x", resourceVersion: "1"}}')] })
    const { object } = await f.verbs.update(configMap, { name: 'c', namespace: 'default' }, { metadata: { name: 'c' }, data: { key: 'new' } }, context())
    expect(object).toMatchObject({ data: { key: 'new', by: 'value' }, metadata: { uid: before.metadata.uid } })
  })

  it('is completed and judged like what a person sends', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch('[JSONPatch{op: "replace", path: "/spec/restartPolicy", value: "Sometimes"}]')] })
    expect((await failure(f.create(pod, podNamed('web')))).message).toContain('spec.restartPolicy: Unsupported value: "Sometimes"')
    await f.validating({ validations: [{ expression: 'object.spec.restartPolicy == "Never"' }] })
    await f.mutating('m2', { mutations: [patch('[JSONPatch{op: "replace", path: "/spec/restartPolicy", value: "Never"}]')] })
    expect((await created(f)).spec?.restartPolicy).toBe('Never')
  })

  it.each<[string, object, string]>([
    ['an error', apply('Object{metadata: Object.metadata{labels: object.nothing}}'), "resulted in error: no such key: nothing"],
    ['a field that the type lacks', apply('Object{spec: Object.spec{nothing: 1}}'), 'error applying patch: failed to convert patch object to typed object: .spec.nothing: field not declared in schema'],
    ['a type in the wrong place', apply('Object{spec: Object.other{}}'), 'type mismatch: unexpected type name "Object.other", expected "Object.spec", which matches field name path from root Object type'],
    ['null where nothing can be null', apply('Object{spec: Object.spec{hostname: null}}'), '.spec.hostname: expected string, got &value.valueUnstructured{Value:0}'],
    ['a number without a sign', apply('Object{spec: Object.spec{activeDeadlineSeconds: 5u}}'), '.spec.activeDeadlineSeconds: expected numeric (int or float), got uint64'],
    ['bytes for a text', apply('Object{spec: Object.spec{hostname: b"h"}}'), '.spec.hostname: expected string, got &value.valueUnstructured{Value:[]uint8{0x68}}'],
    ['a map within a map', apply('Object{metadata: {"labels": {"a": "b"}}}'), '.metadata.labels: expected map, got &{map[a:b]}'],
    ['several mistakes', apply('Object{spec: Object.spec{hostname: null, hostNetwork: 1}}'), 'typed object: errors:\n  .spec.hostname: expected string, got &value.valueUnstructured{Value:0}\n  .spec.hostNetwork: expected boolean, got &{1}'],
    ['what no patch can hold', patch('[JSONPatch{op: "add", path: "/spec/hostname", value: quantity("1")}]'), "JSONPath valueExpression evaluated to a type that could not marshal to JSON: type conversion error from 'Quantity' to '*structpb.Value'"],
    ['null within an object of a patch', patch('[JSONPatch{op: "add", path: "/spec/securityContext", value: Object.spec.securityContext{runAsUser: null}}]'), 'proto: invalid type: structpb.NullValue'],
    ['a list that could only be replaced', apply('Object{spec: Object.spec{containers: [Object.spec.containers{name: "main", args: ["x"]}]}}'), 'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.containers[0].args'],
    ['a path that is not there', patch('[JSONPatch{op: "remove", path: "/spec/nothing"}]'), "JSON Patch: error in remove for path: '/spec/nothing': unable to remove nonexistent key: nothing: missing value"],
  ])('refuses because of %s, and lets pass when errors are ignored', async (_what, mutation, message) => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [mutation] })
    const status = await failure(f.create(pod, podNamed('web')))
    expect(status).toMatchObject({ code: 403, reason: 'Invalid', details: { name: 'web', kind: 'pods' } })
    expect(status.message).toMatch("policy 'm' with binding 'm' denied request: ")
    expect(status.message).toContain(message)
    const g = await policyFixture()
    await g.mutating('m', { failurePolicy: 'Ignore', mutations: [mutation] })
    await created(g)
  })

  it.each<[string, string, string]>([
    ['of another kind', '"/kind", value: "Secret"', 'failed to convert object: converting (v1.Secret) to (core.Pod): unknown conversion'],
    ['of a kind that nobody knows', '"/kind", value: "Shoe"', 'no kind "Shoe" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['of another version', '"/apiVersion", value: "v2"', 'no kind "Pod" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['of a kind that is no text', '"/kind", value: 1', "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string"],
    ['with an unknown field', '"/spec/nothing", value: 1', 'strict decoding error: unknown field "spec.nothing"'],
    ['with a field of another type', '"/spec/hostname", value: 1', 'json: cannot unmarshal number into Go struct field PodSpec.spec.hostname of type string'],
  ])('fails with a patch that makes something %s, whatever is ignored', async (_what, what, message) => {
    const f = await policyFixture()
    await f.mutating('m', { failurePolicy: 'Ignore', mutations: [patch(`[JSONPatch{op: "add", path: ${what}}]`)] })
    expect(await failure(f.create(pod, podNamed('web')))).toMatchObject({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` })
  })

  it('adds null where a patch has no value, and what is in an optional', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [patch('[JSONPatch{op: "add", path: "/spec/hostname"}, JSONPatch{op: "add", path: "/spec/subdomain", value: optional.of("s")}]')] })
    const made = await created(f, { ...podNamed('web'), spec: { ...(podNamed('web') as Pod).spec, hostname: 'h' } })
    expect(made.spec).toMatchObject({ subdomain: 's' })
    expect(made.spec).not.toHaveProperty('hostname')
  })

  it('cannot move an object to another namespace', async () => {
    const f = await policyFixture()
    await f.mutating('m', { mutations: [apply('Object{metadata: Object.metadata{namespace: "other"}}')] })
    expect(await failure(f.create(pod, podNamed('web')))).toMatchObject({ code: 400, message: 'the namespace of the provided object does not match the namespace sent on the request' })
  })

  it('leaves a status to its own door', async () => {
    const f = await policyFixture()
    await f.mutating('m', { matchConstraints: on('services'), mutations: [patch('[JSONPatch{op: "add", path: "/status", value: {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}, JSONPatch{op: "add", path: "/spec/sessionAffinity", value: "ClientIP"}]')] })
    const { object } = await f.create(service, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } })
    expect(object).toMatchObject({ spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } }, status: { loadBalancer: {} } })
    expect(JSON.stringify(object)).not.toContain('1.2.3.4')
  })
})
