import { describe, expect, it } from 'vitest'
import { mutatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/mutating-webhook-configuration.ts'
import { validatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/validating-webhook-configuration.ts'
import { context, refusal, registry } from './registry-fixture.ts'

const fine = {
  name: 'check.example.com',
  clientConfig: { service: { namespace: 'default', name: 'hooks' } },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
}
const configuration = (...webhooks: object[]) => ({ metadata: { name: 'w' }, webhooks })

describe('a webhook configuration', () => {
  it('is completed with Kubernetes\' defaults', async () => {
    const { verbs } = await registry()
    const completed = {
      failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10, namespaceSelector: {}, objectSelector: {},
      rules: [{ scope: '*' }], clientConfig: { service: { port: 443 } },
    }
    const { object: validating } = await verbs.create(validatingWebhookConfiguration, undefined, configuration(structuredClone(fine)), context())
    expect(validating).toMatchObject({ metadata: { generation: 1 }, webhooks: [completed] })
    expect((validating as unknown as { webhooks: object[] }).webhooks[0]).not.toHaveProperty('reinvocationPolicy')
    const { object: mutating } = await verbs.create(mutatingWebhookConfiguration, undefined, configuration(structuredClone(fine)), context())
    expect(mutating).toMatchObject({ webhooks: [{ ...completed, reinvocationPolicy: 'Never' }] })
  })

  it('counts the changes of its webhooks', async () => {
    const { verbs } = await registry()
    await verbs.create(validatingWebhookConfiguration, undefined, configuration(structuredClone(fine)), context())
    const patched = (body: object) => verbs.patch(validatingWebhookConfiguration, { name: 'w' }, { type: 'merge', body }, context())
    expect((await patched({ metadata: { labels: { a: 'b' } } })).object.metadata.generation).toBe(1)
    expect((await patched({ webhooks: [{ ...fine, timeoutSeconds: 5 }] })).object.metadata.generation).toBe(2)
  })

  const { rules: [rule] } = fine
  it.each<[what: string, webhook: object, message: string]>([
    ['a name that is no domain', { name: 'check' }, 'webhooks[0].name: Invalid value: "check": should be a domain with at least three segments separated by dots'],
    ['sideEffects', { sideEffects: 'Some' }, 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
    ['no sideEffects', { sideEffects: undefined }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    ['no review versions', { admissionReviewVersions: [] }, 'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1'],
    ['unknown review versions', { admissionReviewVersions: ['v2'] }, 'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1'],
    ['a review version twice', { admissionReviewVersions: ['v1', 'v1'] }, 'webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version'],
    ['a long timeout', { timeoutSeconds: 31 }, 'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
    ['a failure policy', { failurePolicy: 'Retry' }, 'webhooks[0].failurePolicy: Unsupported value: "Retry": supported values: "Fail", "Ignore"'],
    ['a match policy', { matchPolicy: 'Some' }, 'webhooks[0].matchPolicy: Unsupported value: "Some": supported values: "Equivalent", "Exact"'],
    ['a service and a URL', { clientConfig: { ...fine.clientConfig, url: 'https://a.example' } }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    // Kubernetes takes one for the other
    ['a service without a namespace', { clientConfig: { service: { name: 'a' } } }, 'webhooks[0].clientConfig.service.name: Required value'],
    ['a service without a name', { clientConfig: { service: { namespace: 'a' } } }, 'webhooks[0].clientConfig.service.namespace: Required value'],
    ['a URL without TLS', { clientConfig: { url: 'http://a.example/' } }, `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`],
    ['a rule without operations', { rules: [{ ...rule, operations: [] }] }, 'webhooks[0].rules[0].operations: Required value'],
    ['* beside another operation', { rules: [{ ...rule, operations: ['*', 'CREATE'] }] }, `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`],
    ['an operation', { rules: [{ ...rule, operations: ['GET'] }] }, 'webhooks[0].rules[0].operations[0]: Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"'],
    ['*/* beside another resource', { rules: [{ ...rule, resources: ['*/*', 'pods'] }] }, `webhooks[0].rules[0].resources: Invalid value: ["*/*","pods"]: if '*/*' is present, must not specify other resources`],
    ['a scope', { rules: [{ ...rule, scope: 'Here' }] }, 'webhooks[0].rules[0].scope: Unsupported value: "Here": supported values: "*", "Cluster", "Namespaced"'],
    ['a selector', { objectSelector: { matchLabels: { '-': 'a' } } }, 'webhooks[0].objectSelector.matchLabels: Invalid value: "-"'],
    ['a match condition that is none', { matchConditions: [{ name: 'a', expression: 'object.' }] }, 'webhooks[0].matchConditions[0].expression: Invalid value: "object.": compilation failed: '],
    ['a match condition that is no bool', { matchConditions: [{ name: 'a', expression: '"yes"' }] }, 'webhooks[0].matchConditions[0].expression: Invalid value: "\\"yes\\"": must evaluate to bool'],
    ['a match condition without a name', { matchConditions: [{ name: '', expression: 'true' }] }, 'webhooks[0].matchConditions[0].name: Required value'],
  ])('is refused for %s', async (_what, more, message) => {
    const { verbs } = await registry()
    const refused = await refusal(verbs.create(validatingWebhookConfiguration, undefined, configuration({ ...fine, ...more }), context()))
    expect(refused.code).toBe(422)
    expect(refused.message).toContain(message)
  })

  it('may not have two webhooks of one name, nor an unknown reinvocation policy', async () => {
    const { verbs } = await registry()
    const twice = await refusal(verbs.create(validatingWebhookConfiguration, undefined, configuration(structuredClone(fine), structuredClone(fine)), context()))
    expect(twice.message).toContain('webhooks[1].name: Duplicate value: "check.example.com"')
    const again = await refusal(verbs.create(mutatingWebhookConfiguration, undefined, configuration({ ...fine, reinvocationPolicy: 'Always' }), context()))
    expect(again.message).toContain('webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"')
  })
})
