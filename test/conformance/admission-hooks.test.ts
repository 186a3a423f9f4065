import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { createCa, createServerLeaf } from '../../src-main/base/cert.ts'
import { configMap } from './objects.ts'
import type { Ask, Row } from './row.ts'
import { describeSection } from './suite.ts'

interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: { readonly uid: string; readonly operation: string; readonly userInfo: object; readonly object: { readonly metadata: { readonly name: string } } }
}

const patchOf = (operations: object): string => Buffer.from(JSON.stringify(operations)).toString('base64')

/** What the webhook answers at each of its paths. */
const answers: Readonly<Record<string, (review: Review) => object | undefined>> = {
  '/allow': () => ({ allowed: true, warnings: ['mind the gap'] }),
  '/deny': () => ({ allowed: false, status: { code: 418, reason: 'Teapot', message: 'not today' } }),
  '/mutate': () => ({ allowed: true, patchType: 'JSONPatch', patch: patchOf([{ op: 'add', path: '/data/by', value: 'webhook' }]) }),
  '/silent': () => undefined,
  '/other-uid': () => ({ uid: 'other', allowed: true }),
}

const ca = await createCa('webhook', Date.now())
const server = createServer(await createServerLeaf(ca, Date.now()), (req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const review = JSON.parse(Buffer.concat(chunks).toString()) as Review
    const response = answers[new URL(req.url ?? '', 'https://x').pathname]?.(review)
    if (response) res.setHeader('content-type', 'application/json').end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: { uid: review.request.uid, ...response } }))
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => void server.close().closeAllConnections())

type Flavour = 'mutating' | 'validating'
const placeOf = (flavour: Flavour) => `/apis/admissionregistration.k8s.io/v1/${flavour}webhookconfigurations`
const marker = { labels: { hooked: 'yes' } }

/** For the row's own namespace alone, so that rows leave each other alone. */
const hooked = (flavour: Flavour, path: string, more: object = {}): Ask[] => [
  { do: 'PATCH /api/v1/namespaces/{ns}', type: 'merge', body: { metadata: { labels: { hooks: '{ns}' } } } },
  {
    do: `POST ${placeOf(flavour)}`,
    body: {
      metadata: { name: '{ns}' },
      webhooks: [{
        name: 'a.example.com', clientConfig: { url: `${url}${path}`, caBundle: Buffer.from(ca.cert).toString('base64') }, admissionReviewVersions: ['v1'], sideEffects: 'None', timeoutSeconds: 2,
        namespaceSelector: { matchLabels: { hooks: '{ns}' } }, rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }], ...more,
      }],
    },
  },
]
const gone = (flavour: Flavour): Ask => ({ do: `DELETE ${placeOf(flavour)}/{ns}` })
const hookedMap = configMap('c', { a: '1' }, marker)

function webhook(title: string, flavour: Flavour, path: string, outcome: Partial<Ask>, more: object = {}): Row {
  return { title, steps: [...hooked(flavour, path, more), { do: 'POST configmaps?dryRun=All', body: hookedMap, until: true, ...outcome }, { do: 'GET configmaps/c', code: 404 }, gone(flavour)] }
}

const chosen = (title: string, more: object): Row => ({
  title,
  steps: [...hooked('validating', '/deny', more), { do: 'POST configmaps?dryRun=All', body: hookedMap, until: true, code: 418 }, { do: 'POST configmaps', body: configMap('c', { a: '1' }) }, gone('validating')],
})

const failed = (answer: string | RegExp) => ({ code: 500, answer: { kind: 'Status', reason: 'InternalError', message: answer } })

const webhooks: readonly Row[] = [
  webhook('a validating webhook lets in, and its warnings reach the client', 'validating', '/allow', { code: 201, answerHeaders: { warning: '299 - "mind the gap"' } }),
  webhook('a validating webhook refuses with its own code, reason and message', 'validating', '/deny', { code: 418, answer: { reason: 'Teapot', message: 'admission webhook "a.example.com" denied the request: not today' } }),
  webhook('a mutating webhook patches', 'mutating', '/mutate', { code: 201, answer: { data: { a: '1', by: 'webhook' } } }),
  webhook('a webhook that fails refuses the request', 'validating', '/none-{ns}', failed(/^Internal error occurred: failed calling webhook "a\.example\.com": (failed to call webhook: )?Post "https:\/\/127\.0\.0\.1:\d+\/none-[^"]*\?timeout=1s": (context deadline exceeded|net\/http: request canceled)/), { timeoutSeconds: 1 }),
  webhook('a webhook that answers for another request has failed', 'validating', '/other-uid', failed(/failed calling webhook "a\.example\.com": .*expected response\.uid="[^"]+", got "other"/)),
  webhook('a webhook that is late is left aside where its failure policy says so', 'validating', '/silent', { code: 201, answer: { data: { a: '1' } } }, { timeoutSeconds: 1, failurePolicy: 'Ignore' }),
  chosen('a webhook is asked only about objects that it selects', { objectSelector: { matchLabels: { hooked: 'yes' } } }),
  { ...chosen('a webhook is asked only when its match conditions hold', { matchConditions: [{ name: 'labelled', expression: 'has(object.metadata.labels)' }] }), since: 28 },
]

const policyOf = (spec: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: '{ns}' },
  spec: { matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } } }, ...spec },
})
const bound = (actions: readonly string[], spec: object = {}) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: '{ns}' }, spec: { policyName: '{ns}', validationActions: actions, ...spec } })
const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic'
const unbound: Ask[] = [{ do: `DELETE ${policies}ybindings/{ns}` }, { do: `DELETE ${policies}ies/{ns}` }]
const denied = (why: string) => ({ code: 422, answer: { reason: 'Invalid', message: `configmaps "c" is forbidden: ValidatingAdmissionPolicy '{ns}' with binding '{ns}' denied request: ${why}` } })
const bad = configMap('c', { a: 'bad' })

const cel: readonly Row[] = [
  {
    title: 'ValidatingAdmissionPolicy refuses what its expression finds false, with its message',
    since: 30, given: [policyOf({ validations: [{ expression: "object.data.a != 'bad'", messageExpression: "'no ' + object.data.a" }] }), bound(['Deny'])],
    steps: [
      { do: 'POST configmaps?dryRun=All', body: bad, ...denied('no bad'), until: true },
      { do: 'POST configmaps', body: configMap('c', { a: 'good' }) },
      { do: 'PATCH configmaps/c', type: 'merge', body: { data: { a: 'bad' } }, ...denied('no bad') },
      ...unbound,
    ],
  },
  {
    title: 'ValidatingAdmissionPolicy warns where its binding only warns',
    since: 30, given: [policyOf({ validations: [{ expression: "object.data.a != 'bad'" }] }), bound(['Warn', 'Audit'])],
    steps: [
      { do: 'POST configmaps?dryRun=All', body: bad, until: true, answerHeaders: { warning: /^299 - "Validation failed for ValidatingAdmissionPolicy '[^']+' with binding '[^']+': failed expression: object\.data\.a != 'bad'"$/ } },
      ...unbound,
    ],
  },
  {
    title: 'ValidatingAdmissionPolicy compares with its parameters',
    since: 30,
    given: [
      configMap('param', { most: '3' }),
      policyOf({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConditions: [{ name: 'others', expression: "object.metadata.name == 'c'" }], variables: [{ name: 'most', expression: 'int(params.data.most)' }], validations: [{ expression: 'size(object.data.a) <= variables.most', reason: 'Forbidden', message: 'too long' }] }),
      bound(['Deny'], { paramRef: { name: 'param', namespace: '{ns}', parameterNotFoundAction: 'Deny' } }),
    ],
    steps: [
      { do: 'POST configmaps?dryRun=All', body: configMap('c', { a: 'long' }), until: true, code: 403, answer: { reason: 'Forbidden', message: /denied request: too long$/ } },
      { do: 'POST configmaps?dryRun=All', body: configMap('c', { a: 'ok' }) },
      ...unbound,
    ],
  },
  {
    title: 'ValidatingAdmissionPolicy lets nothing in that its expression cannot judge, unless it says so',
    since: 30, given: [policyOf({ validations: [{ expression: "object.data.b == 'x'" }] }), bound(['Deny'])],
    steps: [
      { do: 'POST configmaps?dryRun=All', body: bad, until: true, code: 422, answer: { message: /denied request: expression 'object\.data\.b == 'x'' resulted in error: no such key: b$/ } },
      { do: `PATCH ${policies}ies/{ns}`, type: 'merge', body: { spec: { failurePolicy: 'Ignore' } } },
      { do: 'POST configmaps?dryRun=All', body: bad, until: true },
      ...unbound,
    ],
  },
]

const mutatingPolicies = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolic'
const unboundMutating: Ask[] = [{ do: `DELETE ${mutatingPolicies}ybindings/{ns}` }, { do: `DELETE ${mutatingPolicies}ies/{ns}` }]
const patching = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const applying = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
const mutating = (mutation: object): object[] => [
  {
    apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicy', metadata: { name: '{ns}' },
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps', 'pods/eviction'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '{ns}' } } },
      reinvocationPolicy: 'Never', mutations: [mutation],
    },
  },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name: '{ns}' }, spec: { policyName: '{ns}' } },
]
const changed = (title: string, mutation: object, ask: Partial<Ask>): Row =>
  ({ title: `MutatingAdmissionPolicy ${title}`, since: 36, given: mutating(mutation), steps: [{ do: 'POST configmaps?dryRun=All', body: configMap('c', { a: '1' }), until: true, ...ask }, ...unboundMutating] })
const unfit = (why: string) => ({ code: 403, answer: { reason: 'Invalid', message: `policy '{ns}' with binding '{ns}' denied request: ${why}` } })

const mutations: readonly Row[] = [
  changed('lays its object over what comes', applying('Object{data: {"b": object.data.a + "2"}}'), { answer: { data: { a: '1', b: '12' } } }),
  changed('refuses null where nothing can be null', applying('Object{data: {"b": dyn(null)}}'), unfit('error applying patch: failed to convert patch object to typed object: .data.b: expected string, got &value.valueUnstructured{Value:0}')),
  changed('fails when its patch makes another kind', patching('[JSONPatch{op: "replace", path: "/kind", value: "Shoe"}]'), { code: 500, answer: { reason: 'InternalError', message: /^Internal error occurred: no kind "Shoe" is registered for version "v1"/ } }),
  changed('fails when its patch makes a field that nobody knows', patching('[JSONPatch{op: "add", path: "/shoe", value: 1}]'), { code: 500, answer: { message: 'Internal error occurred: strict decoding error: unknown field "shoe"' } }),
  changed('judges what subresources are sent', applying('Object{deleteOptions: Object.deleteOptions{gracePeriodSeconds: 1}}'), {
    do: 'POST pods/p/eviction', body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }, code: 403, answer: { message: /failed to convert patch object to typed object: no corresponding type for policy\/v1, Kind=Eviction$/ },
  }),
]

describeSection('admission-hooks', [...webhooks, ...cel, ...mutations])
