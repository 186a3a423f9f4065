import { describe, expect, it } from 'vitest'
import { mutatingAdmissionPolicyBinding } from '../../src-main/kinds/admissionregistration/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicy } from '../../src-main/kinds/admissionregistration/mutating-admission-policy.ts'
import { validatingAdmissionPolicyBinding } from '../../src-main/kinds/admissionregistration/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicy } from '../../src-main/kinds/admissionregistration/validating-admission-policy.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { on, onPods, policyFixture } from './policies-fixture.ts'
import { context, refusal } from './registry-fixture.ts'

const good = { matchConstraints: onPods, validations: [{ expression: 'true' }] }
const goodMutation = { matchConstraints: onPods, reinvocationPolicy: 'Never', mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }] }
const goodBinding = { policyName: 'p', validationActions: ['Deny'] }
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }

const mistakes = async (kind: AnyKind, spec: object): Promise<string[]> => {
  const f = await policyFixture()
  const { status } = await refusal(f.create(kind, { metadata: { name: 'p' }, spec }))
  expect(status).toMatchObject({ code: 422, reason: 'Invalid' })
  return (status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`)
}

describe('admission policies', () => {
  it('get their defaults', async () => {
    const f = await policyFixture()
    const resources = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ ...onPods.resourceRules[0], scope: '*' }] }
    expect((await f.create(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec: good })).object).toMatchObject({ metadata: { generation: 1 }, spec: { failurePolicy: 'Fail', matchConstraints: resources } })
    expect((await f.create(mutatingAdmissionPolicy, { metadata: { name: 'p' }, spec: goodMutation })).object).toMatchObject({ metadata: { generation: 1 }, spec: { failurePolicy: 'Fail', matchConstraints: resources } })
    expect((await f.create(validatingAdmissionPolicyBinding, { metadata: { name: 'p' }, spec: { ...goodBinding, matchResources: onPods } })).object).toMatchObject({ spec: { matchResources: resources } })
    expect((await f.create(mutatingAdmissionPolicyBinding, { metadata: { name: 'p' }, spec: { policyName: 'p', matchResources: onPods } })).object).toMatchObject({ spec: { matchResources: resources } })
  })

  const compilation = (expression: string, sentence: string, at: string): string => `${at}: Invalid value: ${JSON.stringify(expression)}: ${sentence}`
  it.each<[string, AnyKind, object, string[]]>([
    ['nothing', validatingAdmissionPolicy, {}, ['spec.matchConstraints: Required value', 'spec.validations: Required value: validations or auditAnnotations must contain at least one item', 'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item']],
    ['no rules', validatingAdmissionPolicy, { ...good, matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
    ['words', validatingAdmissionPolicy, { ...good, failurePolicy: 'No', matchConstraints: { ...onPods, matchPolicy: 'No' } }, ['spec.failurePolicy: Unsupported value: "No": supported values: "Fail", "Ignore"', 'spec.matchConstraints.matchPolicy: Unsupported value: "No": supported values: "Equivalent", "Exact"']],
    ['rules', validatingAdmissionPolicy, { ...good, matchConstraints: { resourceRules: [{ ...rule, operations: ['*', 'CREATE'], resources: [], resourceNames: ['a', 'a'] }] } }, [
      'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
      `spec.matchConstraints.resourceRules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      'spec.matchConstraints.resourceRules[0].resources: Required value',
    ]],
    ['parameters', validatingAdmissionPolicy, { ...good, paramKind: { apiVersion: 'a/b/c', kind: '' } }, ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c', 'spec.paramKind.kind: Required value']],
    ['an unknown name', validatingAdmissionPolicy, { ...good, validations: [{ expression: 'nothing == 1' }] }, [compilation('nothing == 1', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'nothing' (in container '')\n | nothing == 1\n | ^", 'spec.validations[0].expression')]],
    ['params without a kind', validatingAdmissionPolicy, { ...good, validations: [{ expression: 'params.x' }] }, [compilation('params.x', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^", 'spec.validations[0].expression')]],
    ['an unknown field of the request', validatingAdmissionPolicy, { ...good, validations: [{ expression: 'request.nothing == 1' }] }, [compilation('request.nothing == 1', "compilation failed: ERROR: <input>:1:8: undefined field 'nothing'\n | request.nothing == 1\n | .......^", 'spec.validations[0].expression')]],
    ['what is no bool', validatingAdmissionPolicy, { ...good, validations: [{ expression: '"a"' }, { expression: 'object.spec' }] }, [compilation('"a"', 'must evaluate to bool but got string', 'spec.validations[0].expression'), compilation('object.spec', 'must evaluate to bool but got dyn', 'spec.validations[1].expression')]],
    ['messages', validatingAdmissionPolicy, { ...good, validations: [{ expression: 'true', message: 'a\nb', messageExpression: '1', reason: 'No' }, { expression: ' ' }, { expression: 'true', messageExpression: 'authorizer.path("/x").check("get").reason()' }] }, [
      compilation('1', 'must evaluate to string but got int', 'spec.validations[0].messageExpression'),
      'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[0].reason: Unsupported value: "No": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      'spec.validations[1].expression: Required value: expression is not specified',
      compilation('authorizer.path("/x").check("get").reason()', `compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')\n | authorizer.path("/x").check("get").reason()\n | ^`, 'spec.validations[2].messageExpression'),
    ]],
    ['conditions', validatingAdmissionPolicy, { ...good, matchConditions: [{ name: '', expression: '' }, { name: 'a', expression: '1' }] }, [
      'spec.matchConditions[0].expression: Required value', 'spec.matchConditions[0].name: Required value', compilation('1', 'must evaluate to bool but got int', 'spec.matchConditions[1].expression'),
    ]],
    ['variables', validatingAdmissionPolicy, { ...good, variables: [{ name: 'in', expression: '1' }, { name: 'a', expression: 'variables.later' }, { name: 'later', expression: '1' }], validations: [{ expression: 'variables.later == "x"' }] }, [
      'spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier',
      compilation('variables.later', "compilation failed: ERROR: <input>:1:10: undefined field 'later'\n | variables.later\n | .........^", 'spec.variables[1].expression'),
      compilation('variables.later == "x"', `compilation failed: ERROR: <input>:1:17: found no matching overload for '_==_' applied to '(int, string)'\n | variables.later == "x"\n | ................^`, 'spec.validations[0].expression'),
    ]],
    ['audit annotations', validatingAdmissionPolicy, { ...good, auditAnnotations: [{ key: 'a', valueExpression: '1' }, { key: 'a', valueExpression: '"x"' }] }, [compilation('1', 'must evaluate to one of [string null_type] but got int', 'spec.auditAnnotations[0].valueExpression'), 'spec.auditAnnotations[1].key: Duplicate value: "a"']],
    ['no mutations', mutatingAdmissionPolicy, { matchConstraints: onPods }, ['spec.mutations: Required value: mutations must contain at least one item', 'spec.reinvocationPolicy: Required value']],
    ['mutations of what is gone', mutatingAdmissionPolicy, { ...goodMutation, matchConstraints: { resourceRules: [{ ...rule, operations: ['DELETE'] }] } }, ['spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"']],
    ['patches', mutatingAdmissionPolicy, { ...goodMutation, mutations: [{ patchType: 'No' }, { patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }, { patchType: 'JSONPatch', jsonPatch: { expression: 'Object{}' } }, { patchType: 'ApplyConfiguration', applyConfiguration: { expression: '[JSONPatch{op: "add"}]' } }] }, [
      'spec.mutations[0].patchType: Unsupported value: "No": supported values: "ApplyConfiguration", "JSONPatch"',
      'spec.mutations[1].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[1].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
      compilation('Object{}', 'must evaluate to list(JSONPatch) but got Object', 'spec.mutations[2].jsonPatch.expression'),
      compilation('[JSONPatch{op: "add"}]', 'must evaluate to Object but got list(JSONPatch)', 'spec.mutations[3].applyConfiguration.expression'),
    ]],
    ['a binding', validatingAdmissionPolicyBinding, { policyName: '!', validationActions: ['Deny', 'Warn', 'No'], paramRef: { name: 'a', selector: {} } }, [
      "spec.policyName: Invalid value: \"!\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive', 'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive', 'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.validationActions[2]: Unsupported value: "No": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions: Invalid value: ["Deny","Warn","No"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ]],
    ['a binding without anything', mutatingAdmissionPolicyBinding, { paramRef: { parameterNotFoundAction: 'Deny' } }, ['spec.policyName: Required value', 'spec.paramRef: Required value: one of name or selector must be specified']],
  ])('are refused for %s', async (_what, kind, spec, expected) => {
    expect(await mistakes(kind, spec)).toEqual(expected)
  })

  it('say in their status what types do not fit, and hold all the same', async () => {
    const f = await policyFixture()
    const spec = { ...good, matchConstraints: { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments', 'replicasets'] }] }, validations: [{ expression: 'object.replicas > 1' }, { expression: 'object.spec.replicas > 1' }] }
    const of = (kind: string) => `apps/v1, Kind=${kind}: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n`
    expect((await f.create(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec })).object).toMatchObject({
      status: { observedGeneration: 1, typeChecking: { expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: `${of('Deployment')}\n${of('ReplicaSet')}` }] } },
    })
    const update = async (body: object, subresource?: string) => {
      const { object: { metadata: { resourceVersion } } } = await f.verbs.get(validatingAdmissionPolicy, { name: 'p' })
      return f.verbs.update(validatingAdmissionPolicy, { name: 'p' }, { metadata: { name: 'p', resourceVersion }, ...body }, context(), subresource)
    }
    const wrong = { typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: '' }] }, conditions: [{ type: '!', status: 'Perhaps', reason: 'a', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] }
    expect((await refusal(update({ spec, status: wrong }, 'status'))).status.details?.causes?.map(({ field }) => field)).toEqual([
      'status.typeChecking.expressionWarnings[0].warning', 'status.typeChecking.expressionWarnings[0].fieldRef', 'status.conditions[0].type', 'status.conditions[0].status',
    ])
    expect((await update({ spec: { ...spec, validations: [{ expression: 'object.spec.replicas > 1' }] } })).object).toMatchObject({ metadata: { generation: 2 }, status: { observedGeneration: 2, typeChecking: {} } })
    const conditions = [{ type: 'Seen', status: 'True', reason: 'Seen', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }]
    const { object } = await update({ spec, status: { observedGeneration: 2, conditions } }, 'status')
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { validations: [{ expression: 'object.spec.replicas > 1' }] }, status: { conditions } })
  })

  it('say in their status what does not fit what a definition describes, and what parameters are made of', async () => {
    const f = await policyFixture()
    f.kinds.set('test', customKinds({
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.a.example.com' },
      spec: {
        group: 'a.example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, 'my-key': { type: 'string' } } } } } } }],
      },
    }))
    const warnings = async (name: string, expression: string): Promise<unknown> => {
      const spec = { matchConstraints: on('things', ['CREATE'], 'a.example.com'), paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression }] }
      const { object } = await f.create(validatingAdmissionPolicy, { metadata: { name }, spec })
      return (object as { status?: { typeChecking?: unknown } }).status?.typeChecking
    }
    const warned = (warning: string) => ({ expressionWarnings: [{ fieldRef: 'spec.validations[0].expression', warning: `a.example.com/v1, Kind=Thing: ${warning}` }] })
    expect(await warnings('a', 'object.spec.size > 1 && object.spec.my__dash__key != "" && params.data.x == "y" && object.metadata.name != ""')).toEqual({})
    expect(await warnings('b', 'object.spec.sise > 1')).toEqual(warned("ERROR: <input>:1:12: undefined field 'sise'\n | object.spec.sise > 1\n | ...........^\n"))
    expect(await warnings('c', 'params.dada.x == "y"')).toEqual(warned("ERROR: <input>:1:7: undefined field 'dada'\n | params.dada.x == \"y\"\n | ......^\n"))
    expect(await warnings('d', 'has(object.spec.nothing)')).toEqual(warned("ERROR: <input>:1:4: undefined field 'nothing'\n | has(object.spec.nothing)\n | ...^\n"))
  })

  it('show what kubectl shows of them', () => {
    const cells = (kind: AnyKind, spec: object) => kind.columns?.map(({ name, cell }) => [name, cell({ metadata: { name: 'p' }, spec } as never, 0)]).slice(0, 3)
    expect(cells(validatingAdmissionPolicy, good)).toEqual([['Name', 'p'], ['Validations', 1], ['ParamKind', '<unset>']])
    expect(cells(mutatingAdmissionPolicy, { ...goodMutation, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } })).toEqual([['Name', 'p'], ['Mutations', 1], ['ParamKind', 'v1/ConfigMap']])
    expect(cells(validatingAdmissionPolicyBinding, goodBinding)).toEqual([['Name', 'p'], ['PolicyName', 'p'], ['ParamRef', '<unset>']])
    expect(cells(mutatingAdmissionPolicyBinding, { policyName: 'p', paramRef: { name: 'a', namespace: 'n' } })).toEqual([['Name', 'p'], ['PolicyName', 'p'], ['ParamRef', 'n/a']])
  })
})
