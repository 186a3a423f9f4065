import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadCredentials } from '../../src-main/api/credentials.ts'
import { systemClock as clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { runComponents } from '../../src-main/cluster/components.ts'
import { type ControlPlaneOptions, openControlPlane } from '../../src-main/cluster/control-plane.ts'
import { controllers } from '../../src-main/controllers/index.ts'
import { rootCa } from '../../src-main/controllers/root-ca.ts'
import { inProcess, overHttps } from './caller.ts'
import type { Row } from './row.ts'
import { describeSection } from './suite.ts'

const plain = { 'content-type': /^text\/plain/ }
const checks: readonly Row[] = [
  ...['livez', 'readyz', 'healthz'].map((path): Row => ({
    title: `/${path} answers in one word, check by check, and for one check`,
    steps: [
      { do: `GET /${path}`, text: 'ok', answerHeaders: plain, until: true },
      { do: `GET /${path}?verbose`, text: new RegExp(`^\\[\\+\\]ping ok\\n(?:.*\\n)*\\[\\+\\]etcd ok\\n(?:.*\\n)*${path} check passed\\n$`), answerHeaders: plain },
      { do: `GET /${path}/ping`, text: 'ok' },
      { do: `GET /${path}/etcd`, text: 'ok' },
      { do: `GET /${path}/none`, code: 404 },
      { do: `GET /${path}?verbose&exclude=etcd`, text: /\[\+\]etcd excluded: ok\n/ },
      { do: `GET /${path}?verbose&exclude=sofa`, text: /warn: some health checks cannot be excluded: no matches for "?"sofa"?"?/ },
    ],
  })),
  { title: '/readyz knows of the shutdown, and /livez does not', steps: [{ do: 'GET /readyz?verbose', text: /\[\+\]shutdown ok\n/ }, { do: 'GET /livez?verbose', text: /^(?!.*\[\+\]shutdown)/s }] },
  {
    title: 'probes need no token, and metrics do', needs: 'wire',
    steps: [
      ...['/livez', '/readyz', '/healthz', '/version'].map((path) => ({ do: `GET ${path}`, headers: { authorization: '' } })),
      ...['/livez', '/version'].map((path) => ({ do: `GET ${path}`, headers: { authorization: 'Bearer wrong' }, code: 401 })),
      { do: 'GET /metrics', headers: { authorization: '' }, code: 403, answer: { message: 'forbidden: User "system:anonymous" cannot get path "/metrics"' } },
    ],
  },
]

const names = ['apiserver_request_total', 'apiserver_request_duration_seconds_bucket', 'apiserver_current_inflight_requests', 'process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds']
const metrics: Row = {
  title: '/metrics is Prometheus text in the names of Kubernetes', since: 23,
  steps: [
    { do: 'GET configmaps' },
    {
      do: 'GET /metrics', answerHeaders: { 'content-type': /^text\/plain; version=0\.0\.4/ },
      also: ({ text }) => {
        for (const name of [...names, 'apiserver_storage_objects', 'apiserver_storage_size_bytes']) expect(text, name).toMatch(new RegExp(`^${name}(\\{| )`, 'm'))
        expect(text).toMatch(/^apiserver_request_total\{(?=[^}]*code="200")(?=[^}]*resource="configmaps")(?=[^}]*scope="namespace")(?=[^}]*verb="LIST")(?=[^}]*version="v1")[^}]*\} \d/m)
        expect(text).toMatch(/^# TYPE apiserver_request_total counter$/m)
      },
    },
  ],
}

const limits: readonly Row[] = [
  { title: 'a body over the limit is refused', steps: [{ do: 'POST configmaps', body: { metadata: { name: 'c' }, data: { a: 'x'.repeat(3 * 1024 * 1024) } }, code: 413, answer: { kind: 'Status', reason: 'RequestEntityTooLarge', message: 'Request entity too large: limit is 3145728', code: 413 } }, { do: 'GET configmaps/c', code: 404 }] },
  { title: 'a timeout that is none is refused', since: 21, steps: [{ do: 'GET configmaps?timeout=soon', code: 400, answer: { reason: 'BadRequest' } }] },
  { title: 'who asks is told how they are classified', since: 20, steps: [{ do: 'GET configmaps', answerHeaders: { 'x-kubernetes-pf-flowschema-uid': /^[0-9a-f-]{36}$/, 'x-kubernetes-pf-prioritylevel-uid': /^[0-9a-f-]{36}$/ } }] },
  { title: 'every answer has an identity for the audit log', steps: [{ do: 'GET configmaps', headers: { 'audit-id': 'the-one' }, answerHeaders: { 'audit-id': 'the-one' } }, { do: 'GET configmaps', answerHeaders: { 'audit-id': /^[0-9a-f-]{36}$/ } }], since: 21 },
]

const flowControl = '/apis/flowcontrol.apiserver.k8s.io/v1'
const jailed = { name: '{ns}-jailed' }
const overloaded: readonly Row[] = [
  {
    title: 'who has no seat is told to come back in a second, and nobody else is', since: 29,
    steps: [
      {
        do: `POST ${flowControl}/prioritylevelconfigurations`, save: 'level',
        body: { metadata: { name: '{ns}' }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } } } },
        answer: { spec: { limited: { nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0 } } },
      },
      {
        do: `POST ${flowControl}/flowschemas`, save: 'schema',
        body: { metadata: { name: '{ns}' }, spec: { priorityLevelConfiguration: { name: '{ns}' }, matchingPrecedence: 10, rules: [{ subjects: [{ kind: 'User', user: jailed }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] } },
      },
      {
        do: 'GET /api', as: jailed, code: 429, until: true,
        answerHeaders: { 'retry-after': '1', 'x-kubernetes-pf-flowschema-uid': '{schema.metadata.uid}', 'x-kubernetes-pf-prioritylevel-uid': '{level.metadata.uid}' },
      },
      { do: 'GET /api', as: { name: '{ns}-free' } },
      {
        do: 'GET /metrics',
        also: ({ text }) => {
          expect(text).toMatch(/^apiserver_flowcontrol_rejected_requests_total\{(?=[^}]*flow_schema="operability-)(?=[^}]*priority_level="operability-)(?=[^}]*reason="concurrency-limit")[^}]*\} \d/m)
          expect(text).toMatch(/^apiserver_flowcontrol_dispatched_requests_total\{(?=[^}]*flow_schema="exempt")(?=[^}]*priority_level="exempt")[^}]*\} \d/m)
          expect(text).toMatch(/^apiserver_flowcontrol_nominal_limit_seats\{priority_level="operability-[^"]*"\} 0$/m)
          expect(text).toMatch(/^apiserver_current_inflight_requests\{request_kind="readOnly"\} \d/m)
          for (const name of ['current_executing_requests', 'current_executing_seats', 'lower_limit_seats', 'upper_limit_seats', 'request_wait_duration_seconds_bucket', 'request_execution_seconds_bucket']) {
            expect(text, name).toMatch(new RegExp(`^apiserver_flowcontrol_${name}\\{`, 'm'))
          }
        },
      },
      { do: `DELETE ${flowControl}/flowschemas/{ns}` },
      { do: `DELETE ${flowControl}/prioritylevelconfigurations/{ns}` },
    ],
  },
]

describeSection('operability', [...checks, metrics, ...limits, ...overloaded])

/** A control plane of its own, without controllers. */
async function openOwn(more: (dataDir: string) => Partial<ControlPlaneOptions>) {
  const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-conformance-'))
  const stops: Array<() => unknown> = [() => rmSync(dataDir, { recursive: true, force: true })]
  onTestFinished(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  const credentials = await loadCredentials(dataDir, clock.now())
  const plane = await openControlPlane({ dataDir, credentials, admin, joined: { kubelets: [] }, clock, log: silent, stops, ...more(dataDir) })
  return { dataDir, credentials, plane, api: plane.api }
}

const admin = { name: 'wheelhouse-admin', groups: ['system:masters', 'system:authenticated'] }

test('answers over HTTPS as many at once as it has seats, and lets administrators in beyond', async () => {
  const { api, credentials } = await openOwn(() => ({ seats: 1 }))
  const url = `https://127.0.0.1:${await api.listen(0)}`
  const caller = overHttps({ url, token: credentials.adminToken, ca: credentials.caPem })
  onTestFinished(() => caller.close())
  const asGuest = { authorization: `Bearer ${credentials.adminToken}`, 'impersonate-user': 'guest', 'impersonate-group': 'system:authenticated' }
  // whoever sends a body keeps a seat until it has come
  const slow = request(new URL('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', url), { method: 'POST', ca: credentials.caPem, headers: { ...asGuest, 'content-type': 'application/json', 'content-length': '1000' } })
  slow.on('error', () => undefined).write('{')
  const guest = { name: 'guest' }
  await expect.poll(async () => (await caller.call({ method: 'GET', path: '/metrics' })).text).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 1')

  const refused = await caller.call({ method: 'GET', path: '/api?timeout=200ms', as: guest })
  expect([refused.code, refused.headers['retry-after'], refused.text]).toEqual([429, '1', 'Too many requests, please try again later.\n'])
  expect(refused.headers['x-kubernetes-pf-flowschema-uid']).toMatch(/^[0-9a-f-]{36}$/)
  expect((await caller.call({ method: 'GET', path: '/api' })).code).toBe(200)
  expect((await caller.call({ method: 'GET', path: '/livez', as: guest })).code).toBe(200)
  slow.destroy()
  await expect.poll(async () => (await caller.call({ method: 'GET', path: '/api', as: guest })).code).toBe(200)
})

test('tells at /metrics how its controllers, its scheduler and what they ask are doing, each name once', async () => {
  const { plane, api, credentials } = await openOwn(() => ({}))
  const abort = new AbortController()
  onTestFinished(() => abort.abort())
  const { informers } = runComponents({ ...plane, authorize: plane.access.authorize, controllers: [...controllers, rootCa(credentials.caPem)], clock, log: silent, signal: abort.signal })
  await informers.synced()
  const caller = inProcess(api, admin)
  const read = async (): Promise<string> => (await caller.call({ method: 'GET', path: '/metrics' })).text
  // every namespace is given the cluster's certificates
  await expect.poll(read).toMatch(/^workqueue_work_duration_seconds_count\{name="root_ca_cert_publisher"\} [1-9]/m)
  const text = await read()
  for (const name of ['workqueue_adds_total{name="deployment"}', 'workqueue_depth{name="RemoteAvailabilityController"}', 'scheduler_pending_pods{queue="active"}', 'rest_client_requests_total{code="201",method="POST"', 'apiserver_cel_evaluation_duration_seconds_count', 'apiserver_client_certificate_expiration_seconds_count', 'apiserver_authorization_decisions_total{type="RBAC"']) {
    expect(text).toContain(`\n${name}`)
  }
  const types: readonly string[] = text.match(/^# TYPE \S+/gm) ?? []
  expect(types.filter((type, i) => types.indexOf(type) !== i)).toEqual([])
})

test('writes down who did what where it is told to, and keeps secrets unreadable with a key', async () => {
  const { api, dataDir } = await openOwn((folder) => {
    writeFileSync(join(folder, 'key'), randomBytes(32))
    return { auditLog: join(folder, 'audit.log'), encryptionKeyFile: join(folder, 'key') }
  })
  const auditLog = join(dataDir, 'audit.log')
  const caller = inProcess(api, admin)
  const post = (plural: string, body: object) => caller.call({ method: 'POST', path: `/api/v1/namespaces/default/${plural}`, headers: { 'content-type': 'application/json', 'audit-id': `of-${plural}` }, body: JSON.stringify(body) })

  expect((await post('secrets', { metadata: { name: 's' }, data: { a: Buffer.from('the-hidden-word').toString('base64') } })).code).toBe(201)
  expect((await post('configmaps', { metadata: { name: 'c' }, data: { a: 'the-open-word' } })).code).toBe(201)
  expect((await caller.call({ method: 'GET', path: '/api/v1/namespaces/default/secrets/s' })).body).toMatchObject({ data: { a: Buffer.from('the-hidden-word').toString('base64') } })

  const onDisk = readdirSync(dataDir).filter((name) => name.startsWith('cluster.db')).map((name) => readFileSync(join(dataDir, name), 'latin1')).join('')
  expect(onDisk).toContain('the-open-word')
  expect(onDisk).not.toContain('the-hidden-word')
  expect(onDisk).not.toContain(Buffer.from('the-hidden-word').toString('base64'))

  await expect.poll(() => readFileSync(auditLog, 'utf8')).toContain('of-configmaps')
  const events = readFileSync(auditLog, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { auditID: string })
  expect(events.find(({ auditID }) => auditID === 'of-secrets')).toMatchObject({
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', stage: 'ResponseComplete', verb: 'create', requestURI: '/api/v1/namespaces/default/secrets',
    user: { username: 'wheelhouse-admin' }, objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' }, responseStatus: { code: 201 },
  })
  expect(JSON.stringify(events)).not.toContain(Buffer.from('the-hidden-word').toString('base64'))
})
