import { describe, expect, it } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import { validatingAdmissionPolicyBinding } from '../../src-main/kinds/admissionregistration/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicy } from '../../src-main/kinds/admissionregistration/validating-admission-policy.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { cronJobV1Beta1 } from '../../src-main/kinds/batch/cron-job.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { roleBinding } from '../../src-main/kinds/rbac/role-binding.ts'
import { on, policyFixture, type PolicyFixture } from './policies-fixture.ts'
import { configMapNamed, context, podNamed, refusal } from './registry-fixture.ts'

const denied = (message: string): string => `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`
const never = { validations: [{ expression: 'false', message: 'no' }] }
const causeOf = async (work: Promise<unknown>): Promise<string | undefined> => (await refusal(work)).status.details?.causes?.[0]?.message

describe('a ValidatingAdmissionPolicy', () => {
  it('refuses as Kubernetes does, as soon as it is bound', async () => {
    const f = await policyFixture()
    await f.create(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec: { matchConstraints: on('pods'), ...never } })
    await f.create(pod, podNamed('before'))
    await f.create(validatingAdmissionPolicyBinding, { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'] } })
    expect((await refusal(f.create(pod, podNamed('web')))).status).toMatchObject({
      code: 422, reason: 'Invalid', message: `pods "web" is forbidden: ${denied('no')}`,
      details: { name: 'web', kind: 'pods', causes: [{ message: denied('no') }] },
    })
    await f.verbs.delete(validatingAdmissionPolicyBinding, { name: 'b' }, {}, context())
    await f.create(pod, podNamed('after'))
  })

  it('is part of the steps of admission, which are counted once for each request', async () => {
    const f = await policyFixture()
    const counts = (type: string, operation: string) => ['false', 'true'].map((rejected) => {
      const name = `apiserver_admission_step_admission_duration_seconds_count{type="${type}",operation="${operation}",rejected="${rejected}"} `
      return Number(exposition(f.families()).split('\n').find((line) => line.startsWith(name))?.slice(name.length) ?? 0)
    })
    await f.validating({ validations: [{ expression: "object.metadata.name != 'web'" }] })
    // the policy itself is looked at by somebody who takes his time
    expect([counts('admit', 'CREATE'), counts('validate', 'CREATE')]).toEqual([[2, 0], [2, 0]])
    await refusal(f.create(pod, podNamed('web')))
    await f.create(pod, podNamed('x'))
    expect([counts('admit', 'CREATE'), counts('validate', 'CREATE')]).toEqual([[4, 0], [3, 1]])
    await f.verbs.delete(pod, { namespace: 'default', name: 'x' }, {}, context())
    expect(counts('validate', 'DELETE')).toEqual([1, 0])
    const judged = (name: string, rejected: boolean) =>
      `apiserver_admission_controller_admission_duration_seconds_count{name="${name}",type="validate",operation="CREATE",rejected="${rejected}"}`
    const text = exposition(f.families())
    expect(text).toContain(`${judged('ValidatingAdmissionPolicy', true)} 1\n`)
    expect(text).toContain(`${judged('ValidatingAdmissionPolicy', false)} 3\n`)
    expect(text).not.toContain(judged('ResourceQuota', true))
  })

  it('is counted with what it had against requests, and with errors that it let pass', async () => {
    const f = await policyFixture()
    await f.validating({ failurePolicy: 'Ignore', validations: [{ expression: "object.metadata.name != 'web'" }, { expression: "object.metadata.name == 'x' || object.nothing == 1" }] }, { validationActions: ['Warn', 'Audit'] })
    await f.create(pod, podNamed('x'))
    expect(exposition(f.families())).not.toContain('check_total')
    await f.create(pod, podNamed('web'))
    const text = exposition(f.families())
    for (const action of ['warn', 'audit', 'allow']) {
      const labels = `{policy="p",policy_binding="b",error_type="invalid_error",enforcement_action="${action}"`
      expect(text).toContain(`apiserver_validating_admission_policy_check_total${labels}} 1`)
      expect(text).toContain(`apiserver_validating_admission_policy_check_duration_seconds_bucket${labels},le="+Inf"} 1`)
    }
    expect(text).not.toContain('"deny"')
  })

  it('is counted with what its match conditions came to, once for each request', async () => {
    const f = await policyFixture()
    await f.validating({ failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.nothing == 1' }, { name: 'b', expression: "object.metadata.name == 'web'" }], validations: [{ expression: 'true' }] })
    expect(exposition(f.families())).not.toContain('match_condition')
    await f.create(pod, podNamed('web'))
    await f.create(pod, podNamed('x'))
    const labels = '{name="p",kind="policy",type="validate",operation="CREATE"}'
    const text = exposition(f.families())
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_errors_total${labels} 2\n`)
    expect(text).toContain(`apiserver_admission_match_condition_evaluation_seconds_count${labels} 2\n`)
    expect(text).not.toContain('exclusions_total')
  })

  it.each<[string, object, object, string | undefined]>([
    ['its message', { expression: 'false', message: ' what is wrong ' }, {}, 'what is wrong'],
    ['what its messageExpression makes', { expression: 'false', message: 'm', messageExpression: "'not ' + object.metadata.name" }, {}, 'not web'],
    ['its message, when the other one fails', { expression: 'false', message: 'm', messageExpression: "'not ' + object.nothing" }, {}, 'm'],
    ['its expression, when nothing else is said', { expression: ' object.metadata.name == "x" ' }, {}, 'failed expression: object.metadata.name == "x"'],
    ['what went wrong', { expression: 'object.nothing == 1' }, {}, "expression 'object.nothing == 1' resulted in error: no such key: nothing"],
    ['nothing when errors are ignored', { expression: 'object.nothing == 1' }, { failurePolicy: 'Ignore' }, undefined],
    ['no, all the same, when errors are ignored', { expression: 'false', message: 'no' }, { failurePolicy: 'Ignore' }, 'no'],
    ['what its variables fail with', { expression: 'variables.b == 1' }, { variables: [{ name: 'a', expression: 'object.nothing' }, { name: 'b', expression: 'variables.a + 1' }] },
      `expression 'variables.b == 1' resulted in error: composited variable "b" fails to evaluate: composited variable "a" fails to evaluate: no such key: nothing`],
    ['nothing when variables that nobody asks for would fail', { expression: 'true || variables.a == 1' }, { variables: [{ name: 'a', expression: 'object.nothing' }] }, undefined],
    ['nothing when its conditions are not met', { expression: 'false' }, { matchConditions: [{ name: 'c', expression: 'object.metadata.name != "web"' }] }, undefined],
    ['what its conditions fail with', { expression: 'false' }, { matchConditions: [{ name: 'c', expression: 'object.nothing == 1' }] }, "expression 'object.nothing == 1' resulted in error: no such key: nothing"],
    ['nothing when one condition fails and another says no', { expression: 'false' }, { matchConditions: [{ name: 'c', expression: 'object.nothing == 1' }, { name: 'd', expression: 'false' }] }, undefined],
    ['that it costs too much', { expression: '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".split("").all(a, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".split("").all(b, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".split("").all(c, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".split("").all(d, a == b && c == d))))' }, {}, 'cost '],
  ])('says %s', async (_what, validation, spec, message) => {
    const f = await policyFixture()
    await f.validating({ validations: [validation], ...spec })
    const work = f.create(pod, podNamed('web'))
    if (message === undefined) await work
    else expect(await causeOf(work)).toContain(message.includes('cost') ? message : denied(message))
  })

  it.each([['Forbidden', 403], ['RequestEntityTooLarge', 413], ['Invalid', 422]])('refuses with the reason it names: %s', async (reason, code) => {
    const f = await policyFixture()
    await f.validating({ validations: [{ expression: 'false', reason }] })
    expect((await refusal(f.create(pod, podNamed('web')))).status).toMatchObject({ reason, code })
  })

  it.each<[string, string]>([
    ['the object and no old one at creation', 'object.metadata.name == "web" && oldObject == null'],
    ['the request', 'request.operation == "CREATE" && request.kind.kind == "Pod" && request.resource.resource == "pods" && request.namespace == "default" && request.name == "web" && !request.dryRun && request.userInfo.username == "tester" && "system:masters" in request.userInfo.groups && !has(request.subResource)'],
    ['the namespace', 'namespaceObject.metadata.name == "default" && namespaceObject.metadata.labels["kubernetes.io/metadata.name"] == "default" && namespaceObject.status.phase == "Active"'],
    ['who may do what', 'authorizer.group("").resource("pods").namespace("x").check("create").allowed() && authorizer.path("/healthz").check("get").allowed()'],
    ['who else may do what', '!authorizer.serviceAccount("default", "default").group("").resource("pods").check("list").allowed()'],
    ['whether they may do what they do', 'authorizer.requestResource.check("delete").allowed()'],
    ['its variables', 'variables.names == ["main"] && variables.count == 1'],
    ['whole numbers as ints', 'type(object.spec.terminationGracePeriodSeconds) == int'],
    ['no parameter where it has none', 'params == null'],
  ])('sees %s', async (_what, expression) => {
    const f = await policyFixture()
    const params = expression.startsWith('params') ? { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } } : {}
    await f.validating({ variables: [{ name: 'names', expression: 'object.spec.containers.map(c, c.name)' }, { name: 'count', expression: 'size(variables.names)' }], validations: [{ expression }], ...params })
    await f.create(pod, podNamed('web'))
  })

  it('sees both objects of an update, and the old one alone of a deletion', async () => {
    const f = await policyFixture()
    await f.create(configMap, configMapNamed('c'))
    await f.validating({
      matchConstraints: on('configmaps', ['UPDATE', 'DELETE']),
      validations: [{ expression: "object == null ? oldObject.data.key != 'kept' : object.data.key != oldObject.data.key || request.operation != 'UPDATE'", messageExpression: 'request.operation' }],
    })
    const to = (key: string) => f.verbs.update(configMap, { name: 'c', namespace: 'default' }, { metadata: { name: 'c' }, data: { key } }, context())
    expect(await causeOf(to('value'))).toBe(denied('UPDATE'))
    await to('kept')
    expect(await causeOf(f.verbs.delete(configMap, { name: 'c', namespace: 'default' }, {}, context()))).toBe(denied('DELETE'))
    expect((await f.verbs.get(configMap, { name: 'c', namespace: 'default' })).object).toMatchObject({ data: { key: 'kept' } })
  })

  it('sees a Scale where that is what is written, and not what it scales', async () => {
    const f = await policyFixture()
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await f.create(deployment, { metadata: { name: 'web', labels: { app: 'web' } }, spec: { selector: { matchLabels: { app: 'web' } }, template } })
    await f.validating({
      matchConstraints: on('deployments/scale', ['UPDATE'], 'apps'),
      validations: [{ expression: 'object.spec.replicas < 5', messageExpression: "object.kind + ' of ' + string(has(object.spec.template)) + ' from ' + string(oldObject.spec.replicas) + ' in ' + request.resource.resource" }],
    })
    const to = (replicas: number) => f.verbs.patch(deployment, { name: 'web', namespace: 'default' }, { type: 'merge', body: { spec: { replicas } } }, context(), 'scale')
    expect(await causeOf(to(6))).toBe(denied('Scale of false from 1 in deployments'))
    expect((await to(4)).object).toMatchObject({ kind: 'Scale', spec: { replicas: 4 } })
  })

  it('has notes made without anybody to ask, though they may name who', async () => {
    const f = await policyFixture()
    await f.validating({ validations: [{ expression: 'true' }], auditAnnotations: [{ key: 'may', valueExpression: 'authorizer.path("/x").check("get").reason()' }] })
    expect(await causeOf(f.create(pod, podNamed('web')))).toBe(denied('expression \'authorizer.path("/x").check("get").reason()\' resulted in error: no such attribute(s): authorizer'))
  })

  it('may warn and leave notes in the audit log instead', async () => {
    const f = await policyFixture()
    await f.validating({ validations: [{ expression: 'true' }, { expression: 'false', message: 'no' }], auditAnnotations: [{ key: 'who', valueExpression: "'is ' + request.userInfo.username" }, { key: 'none', valueExpression: 'null' }] }, { validationActions: ['Warn', 'Audit'] })
    const warnings: string[] = []
    const audit: Record<string, string> = {}
    await f.create(pod, podNamed('web'), { warnings, audit })
    expect(warnings).toContain("Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no")
    expect(audit['p/who']).toBe('is tester')
    expect(Object.keys(audit)).not.toContain('p/none')
    expect(JSON.parse(audit['validation.policy.admission.k8s.io/validation_failure']!)).toEqual([{ message: 'no', policy: 'p', binding: 'b', expressionIndex: 1, validationActions: ['Warn', 'Audit'] }])
  })

  it('cannot keep anybody from taking policies away', async () => {
    const f = await policyFixture()
    await f.validating({ matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }] }, ...never })
    expect(await causeOf(f.create(configMap, configMapNamed('c')))).toBe(denied('no'))
    await f.verbs.delete(validatingAdmissionPolicy, { name: 'p' }, {}, context())
    await f.create(configMap, configMapNamed('c'))
  })
})

/** Whether a policy with these constraints concerns the creation of a pod in the namespace `default`. */
async function concerns(f: PolicyFixture, constraints: object, binding: object = {}, request: Promise<unknown> | undefined = undefined): Promise<boolean> {
  await f.validating({ matchConstraints: constraints, ...never }, binding)
  try {
    await (request ?? f.create(pod, podNamed('web', {}, { labels: { app: 'web' } })))
    return false
  } catch {
    return true
  }
}

describe('what a policy is about', () => {
  const rule = (more: object) => ({ resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], ...more }] })
  const other = { matchLabels: { other: 'one' } }
  const own = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } }
  it.each<[string, object, object, boolean]>([
    ['its rules', rule({}), {}, true],
    ['any group, version, operation and resource', rule({ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }), {}, true],
    ['every resource and subresource', rule({ resources: ['*/*'] }), {}, true],
    ['no subresource alone', rule({ resources: ['pods/status'] }), {}, false],
    ['no other operation', rule({ operations: ['UPDATE'] }), {}, false],
    ['no other group', rule({ apiGroups: ['apps'] }), {}, false],
    ['what is in a namespace', rule({ scope: 'Namespaced' }), {}, true],
    ['not what is in one', rule({ scope: 'Cluster' }), {}, false],
    ['names', rule({ resourceNames: ['web'] }), {}, true],
    ['no other names', rule({ resourceNames: ['db'] }), {}, false],
    ['nothing it excludes', { ...rule({}), excludeResourceRules: rule({ resourceNames: ['web'] }).resourceRules }, {}, false],
    ['namespaces with labels', { ...rule({}), namespaceSelector: own }, {}, true],
    ['no namespaces without them', { ...rule({}), namespaceSelector: other }, {}, false],
    ['objects with labels', { ...rule({}), objectSelector: { matchLabels: { app: 'web' } } }, {}, true],
    ['no objects without them', { ...rule({}), objectSelector: other }, {}, false],
    ['no more than its binding is', rule({}), { matchResources: { namespaceSelector: other } }, false],
    ['what its binding is too', rule({}), { matchResources: { namespaceSelector: own, resourceRules: rule({ resources: ['*'] }).resourceRules } }, true],
    ['nothing without a binding of its own', rule({}), { policyName: 'q' }, false],
  ])('is %s', async (_what, constraints, binding, expected) => {
    expect(await concerns(await policyFixture(), constraints, binding)).toBe(expected)
  })

  it.each([['Equivalent', true], ['Exact', false]])('is another version of the same kind too, if %s', async (matchPolicy, expected) => {
    const f = await policyFixture()
    const job = { metadata: { name: 'c' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } } } }
    await f.validating({ matchConstraints: { ...on('cronjobs', ['CREATE'], 'batch', 'v1'), matchPolicy }, validations: [{ expression: "object.apiVersion != 'batch/v1' || request.requestKind.version != 'v1beta1'" }] })
    const work = f.create(cronJobV1Beta1, job)
    if (expected) expect(await causeOf(work)).toContain('failed expression')
    else await work
  })

  it('is a namespace by its own labels', async () => {
    const f = await policyFixture()
    await f.validating({ matchConstraints: { ...on('namespaces'), namespaceSelector: { matchLabels: { guarded: 'yes' } } }, ...never })
    await f.create(namespace, { metadata: { name: 'free' } })
    expect(await causeOf(f.create(namespace, { metadata: { name: 'x', labels: { guarded: 'yes' } } }))).toBe(denied('no'))
  })
})

describe('the parameters of a policy', () => {
  const limits = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints: on('deployments', ['CREATE'], 'apps'), validations: [{ expression: 'object.spec.replicas <= int(params.data.most)', messageExpression: "'at most ' + params.data.most" }] }
  const replicas = (count: number) => ({ metadata: { name: `d${count}` }, spec: { replicas: count, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } })
  const param = (name: string, most: string, labels = {}) => ({ metadata: { name, labels }, data: { most } })

  it('are an object with a name, as it is at that moment', async () => {
    const f = await policyFixture()
    await f.create(configMap, param('limits', '2'))
    await f.validating(limits, { paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } })
    expect(await causeOf(f.create(deployment, replicas(3)))).toBe(denied('at most 2'))
    await f.verbs.update(configMap, { name: 'limits', namespace: 'default' }, param('limits', '3'), context())
    await f.create(deployment, replicas(3))
  })

  it('are every object that a selector takes, in the namespace of the request', async () => {
    const f = await policyFixture()
    await f.create(configMap, param('a', '9', { limit: 'yes' }))
    await f.create(configMap, param('b', '2', { limit: 'yes' }))
    await f.create(configMap, param('c', '1'))
    await f.create(configMap, param('d', '1', { limit: 'yes' }), {}, 'kube-system')
    await f.validating(limits, { paramRef: { selector: { matchLabels: { limit: 'yes' } }, parameterNotFoundAction: 'Deny' } })
    expect(await causeOf(f.create(deployment, replicas(3)))).toBe(denied('at most 2'))
    await f.create(deployment, replicas(2))
  })

  it.each<[string, string | undefined]>([['Deny', 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'], ['Allow', undefined]])('that are not there: %s', async (parameterNotFoundAction, message) => {
    const f = await policyFixture()
    await f.validating(limits, { paramRef: { name: 'limits', parameterNotFoundAction } })
    const work = f.create(deployment, replicas(3))
    if (message) expect(await causeOf(work)).toBe(denied(message))
    else await work
  })

  it('may be of a kind that a definition made, and must be of one that is there', async () => {
    const f = await policyFixture()
    await f.validating({ ...limits, paramKind: { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit' }, validations: [{ expression: 'object.spec.replicas <= params.spec.most' }] }, { paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } })
    expect(await causeOf(f.create(deployment, replicas(3)))).toBe("ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'rules.example.com/v1, Kind=ReplicaLimit'")
    const schema = { type: 'object', properties: { spec: { type: 'object', properties: { most: { type: 'integer' } } } } }
    const [limit] = customKinds({
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'replicalimits.rules.example.com' },
      spec: { group: 'rules.example.com', scope: 'Namespaced', names: { plural: 'replicalimits', kind: 'ReplicaLimit' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] },
    })
    f.kinds.set('test', [limit!])
    await f.create(limit!, { apiVersion: 'rules.example.com/v1', kind: 'ReplicaLimit', metadata: { name: 'limit' }, spec: { most: 2 } })
    expect(await causeOf(f.create(deployment, replicas(3)))).toContain('failed expression')
    await f.create(deployment, replicas(2))
  })
})

it('an expression asks what the person may do, not the server', async () => {
  const f = await policyFixture()
  await f.create(role, { metadata: { name: 'r' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] })
  await f.create(roleBinding, { metadata: { name: 'r' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ann' }] })
  await f.validating({ validations: [{ expression: 'authorizer.group("").resource("secrets").namespace(request.namespace).check("get").allowed()', message: 'no' }] })
  await f.create(pod, podNamed('one'), { user: { name: 'ann', groups: [] } })
  expect(await causeOf(f.create(pod, podNamed('two'), { user: { name: 'bob', groups: [] } }))).toBe(denied('no'))
})
