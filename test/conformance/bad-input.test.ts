import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect } from 'vitest'
import { hostileRequests, repeated } from '../fixtures/hostile.ts'
import { configMap } from './objects.ts'
import type { Ask, Row } from './row.ts'
import { describeSection } from './suite.ts'

const loop = monitorEventLoopDelay({ resolution: 10 })
beforeAll(() => void loop.enable())
afterAll(() => {
  loop.disable()
  // the promise is a tenth of a second, on a machine that does nothing else; this only finds what hangs
  expect(loop.max / 1e6, 'longest time in ms that the event loop stood still').toBeLessThan(3000)
})

const here = (path: string): string => path.replace('/api/v1/namespaces/default', '/api/v1/namespaces/{ns}')
const big = configMap('big', { big: 'x'.repeat(64 * 1024) })
/** What was there before, as it was, and nothing else. */
const unharmed: Ask[] = [
  { do: 'GET configmaps?fieldSelector=metadata.name!=kube-root-ca.crt', answer: { items: [{ metadata: { name: 'big', resourceVersion: '{big.metadata.resourceVersion}' } }] } },
  { do: 'GET configmaps/big', answer: { data: big.data } },
]

const floods = hostileRequests.map(({ what, method, path = '/api/v1/namespaces/default/configmaps', headers, body, code }): Row => {
  const sent = body()
  const asked: Ask = { do: `${method ?? (sent === undefined ? 'GET' : 'POST')} ${here(path)}`, body: sent, type: headers?.['content-type'] ?? 'application/json' }
  return { title: `${what} does no harm`, since: 1000, given: [big], steps: [{ ...asked, code: code ?? [400, 404, 413, 414, 415, 422] }, ...unharmed] }
})

const polluted = (title: string, ask: Ask): Row => ({
  title, given: [big],
  steps: [ask, { do: 'POST configmaps?dryRun=All', body: configMap('clean', { a: '1' }), answer: { data: { polluted: undefined }, polluted: undefined } }],
})
const own = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"p"},'
const prototypes: readonly Row[] = [
  polluted('__proto__ in JSON changes no other object', { do: 'POST configmaps?dryRun=All&fieldValidation=Ignore', body: `${own}"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}`, answer: { polluted: undefined } }),
  polluted('__proto__ as a key of data is a key like the others', { do: 'POST configmaps', body: `${own}"data":{"__proto__":"yes","ok":"1"}}`, code: 201 }),
  polluted('__proto__ in YAML changes no other object', { do: 'POST configmaps?dryRun=All&fieldValidation=Ignore', type: 'application/yaml', body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n__proto__: {polluted: "yes"}\n', answer: { polluted: undefined } }),
  polluted('__proto__ in a merge patch changes no other object', { do: 'PATCH configmaps/big?fieldValidation=Ignore', type: 'merge', body: '{"__proto__":{"polluted":"yes"},"metadata":{"__proto__":{"polluted":"yes"}}}' }),
  polluted('__proto__ in a strategic patch changes no other object', { do: 'PATCH configmaps/big?fieldValidation=Ignore', type: 'strategic', body: '{"__proto__":{"polluted":"yes"},"metadata":{"constructor":{"prototype":{"polluted":"yes"}}}}' }),
  polluted('__proto__ in a JSON patch changes no other object', { do: 'PATCH configmaps/big?fieldValidation=Ignore', type: 'json', body: '[{"op":"add","path":"/__proto__","value":{"polluted":"yes"}}]', code: [200, 422] }),
  polluted('a JSON patch does not go through __proto__', { do: 'PATCH configmaps/big', type: 'json', body: '[{"op":"add","path":"/constructor/prototype/polluted","value":"yes"}]', code: 422 }),
  polluted('__proto__ in what is applied changes no other object', { do: 'PATCH configmaps/big?fieldManager=t&force=true&fieldValidation=Ignore', type: 'apply', body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\n__proto__: {polluted: "yes"}\n', code: 500, answer: { message: /\.__proto__: field not declared in schema$/ } }),
]

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Words that every object of the language has something under. */
const innate = ['constructor', 'toString', '__proto__']
const words: readonly Row[] = innate.map((word) => ({
  title: `${word} is a word that means nothing`,
  given: [big],
  steps: [
    { do: `GET configmaps?labelSelector=a%20${word}%20b`, code: 400 },
    { do: `PATCH configmaps/big`, type: word, body: '{"data":{"a":"b"}}', code: 415 },
    { do: `GET pods/p/${word}`, headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' }, code: 404 },
    { do: `POST ${definitions}`, body: { metadata: { name: 'words.{ns}.example.com' }, spec: { group: '{ns}.example.com', scope: 'Namespaced', names: { plural: 'words', kind: 'Word' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: word, format: word, 'x-kubernetes-validations': [{ rule: 'true' }] } } } } }] } }, code: 422 },
    ...unharmed,
  ],
}))

const segments = ['/api/v1/namespaces/..%2f..%2fconfigmaps', '/api/v1/namespaces/{ns}/configmaps/..%2fbig', '/api/v1/namespaces/{ns}/..%2fconfigmaps', '/api/v1/..%2f..%2fversion', '/apis/..%2fapps/v1/deployments', '/apis/apps/..%2fv1/deployments', '/api/v1/namespaces/{ns}/configmaps/big/..%2fstatus', '/api/v1/namespaces/{ns}/configmaps/%00']
const paths: readonly Row[] = segments.map((path) => ({ title: `${path.replace('{ns}', 'x')} is no way out`, given: [big], steps: [{ do: `GET ${path}`, code: [400, 403, 404] }, ...unharmed] }))

const patterned: Row = {
  title: 'a pattern in a definition that backtracks costs no time', since: 1000,
  steps: [
    { do: `POST ${definitions}`, body: { metadata: { name: 'evils.{ns}.example.com' }, spec: { group: '{ns}.example.com', scope: 'Namespaced', names: { plural: 'evils', kind: 'Evil' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'string', pattern: '^(a+)+$' } } } } }] } } },
    { do: 'GET /apis/{ns}.example.com/v1/namespaces/{ns}/evils', until: true },
    { do: 'POST /apis/{ns}.example.com/v1/namespaces/{ns}/evils', body: { apiVersion: '{ns}.example.com/v1', kind: 'Evil', metadata: { name: 'e' }, spec: `${'a'.repeat(50_000)}!` }, code: 422 },
    { do: 'GET /apis/{ns}.example.com/v1/namespaces/{ns}/evils', answer: { items: [] } },
    { do: `DELETE ${definitions}/evils.{ns}.example.com` },
  ],
}

const connections: readonly Row[] = [
  { title: 'headers that are too large are refused', needs: 'wire', since: 1000, steps: [{ do: 'GET configmaps', headers: { 'x-large': repeated('x', 2 * 1024 * 1024) }, code: 431 }] },
  { title: 'a forged host opens nothing', needs: 'wire', steps: [{ do: 'GET configmaps', headers: { host: 'evil.example.com', authorization: '' }, code: 403 }] },
  { title: 'a forged origin is given nothing of another', needs: 'wire', steps: [{ do: 'GET configmaps', headers: { origin: 'https://evil.example.com' }, answerHeaders: { 'access-control-allow-origin': undefined } }] },
  {
    title: 'an upgrade without a token is refused', needs: 'wire',
    steps: ['websocket', 'SPDY/3.1'].map((upgrade) => ({ do: 'GET pods/p/exec?command=id', headers: { authorization: '', connection: 'Upgrade', upgrade, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '13' }, code: 403 })),
  },
]

describeSection('bad-input', [...floods, ...prototypes, ...words, ...paths, patterned, ...connections])
