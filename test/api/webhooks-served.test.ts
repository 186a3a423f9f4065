import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AuditLog } from '../../src-main/api/audit.ts'
import { createWebhookAdmission, type WebhookAdmission } from '../../src-main/api/admission/webhooks/webhooks.ts'
import { createRegistry } from '../../src-main/api/registry.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { silent } from '../../src-main/base/log.ts'
import { eventually } from '../fixtures/eventually.ts'
import { configMap, served, type Served } from './served-fixture.ts'
import { allow, deny, hookServer, type HookServer, patch, respond, rule } from './webhooks-fixture.ts'

const group = '/apis/admissionregistration.k8s.io/v1'
const configMaps = '/api/v1/namespaces/default/configmaps'

async function cluster(audit?: AuditLog): Promise<Served & HookServer & { hook(plural: string, name: string, more?: object): Promise<void> }> {
  const hooks = await hookServer()
  let admission: WebhookAdmission | undefined
  let verbs: Verbs | undefined
  const server = await served({
    ...(audit ? { audit } : {}),
    metrics: () => admission?.families() ?? [],
    async extend({ store, clock }) {
      admission = createWebhookAdmission({ store, caller: hooks.caller, log: silent })
      onTestFinished(() => admission?.close())
      verbs = createRegistry({ store, clock, reviewers: [admission.reviewer] })
      await admission.start()
      return {}
    },
    wrap: (plain) => verbs ?? plain,
  })
  return {
    ...server, ...hooks, port: server.port, ca: server.ca,
    async hook(plural, name, more = {}) {
      const webhook = {
        name: `${name}.example.com`, rules: [rule(['configmaps'])], admissionReviewVersions: ['v1'], sideEffects: 'None',
        clientConfig: { service: { namespace: 'default', name: 'hooks', path: `/${name}` }, caBundle: hooks.caBundle }, ...more,
      }
      const answer = await server.call(`${group}/${plural}`, { method: 'POST', body: { metadata: { name }, webhooks: [webhook] } })
      expect(answer.code, answer.text).toBe(201)
    },
  }
}

describe('webhooks of a served cluster', () => {
  it('have their configurations in discovery and in tables', async () => {
    const { call, hook } = await cluster()
    const { resources } = (await call(group)).json<{ resources: Array<{ name: string; categories?: string[] }> }>()
    expect(resources.filter(({ name }) => name.endsWith('webhookconfigurations'))).toMatchObject([
      { name: 'mutatingwebhookconfigurations', categories: ['api-extensions'] }, { name: 'validatingwebhookconfigurations', categories: ['api-extensions'] },
    ])
    await hook('validatingwebhookconfigurations', 'a')
    const table = (await call(`${group}/validatingwebhookconfigurations`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).json<{ columnDefinitions: Array<{ name: string }>; rows: Array<{ cells: unknown[] }> }>()
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Webhooks', 'Age'])
    expect(table.rows[0]!.cells.slice(0, 2)).toEqual(['a', 1])
  })

  it('warn the client, also when they refuse', async () => {
    const { call, hook, handlers } = await cluster()
    await hook('validatingwebhookconfigurations', 'a')
    handlers.set('/a', (review) => respond(review, { warnings: ['be careful'] }))
    const made = await call(configMaps, { method: 'POST', body: configMap('a') })
    expect([made.code, made.headers.warning]).toEqual([201, '299 - "be careful"'])
    handlers.set('/a', deny({ code: 403, reason: 'Forbidden', message: 'no' }, { warnings: ['told you'] }))
    const refused = await call(configMaps, { method: 'POST', body: configMap('b') })
    expect(refused.json()).toMatchObject({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'admission webhook "a.example.com" denied the request: no' })
    expect([refused.code, refused.headers.warning]).toEqual([403, '299 - "told you"'])
  })

  it('warn who connects, and are asked before anybody is told that an upgrade was missing', async () => {
    const { call, hook, handlers } = await cluster()
    handlers.set('/a', (review) => respond(review, { warnings: ['be careful'] }))
    await hook('validatingwebhookconfigurations', 'a', { rules: [rule(['pods/proxy', 'pods/exec'], ['CONNECT'])] })
    for (const path of ['proxy/x', 'exec?command=ls']) {
      const refused = await call(`/api/v1/namespaces/default/pods/web/${path}`, { method: path.startsWith('exec') ? 'POST' : 'GET' })
      expect([refused.code >= 400, refused.headers.warning]).toEqual([true, '299 - "be careful"'])
    }
  })

  it.each(['exec', 'attach', 'portforward', 'proxy'])('can keep clients from connecting to pods/%s', async (subresource) => {
    const { call, hook, handlers, reviews } = await cluster()
    handlers.set('/a', deny({ message: 'connecting is not allowed' }))
    await hook('validatingwebhookconfigurations', 'a', { rules: [rule([`pods/${subresource}`], ['CONNECT'])] })
    const upgrade = subresource === 'proxy' ? {} : { headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' } }
    const path = subresource === 'proxy' ? 'proxy/x' : `${subresource}?container=c&stdin=true&stdout=true&command=ls&command=-l&ports=80`
    const refused = await call(`/api/v1/namespaces/default/pods/web/${path}`, { method: subresource === 'proxy' ? 'GET' : 'POST', ...upgrade })
    expect([refused.code, refused.json().message]).toEqual([400, 'admission webhook "a.example.com" denied the request: connecting is not allowed'])
    const options: Record<string, object> = {
      exec: { kind: 'PodExecOptions', apiVersion: 'v1', stdin: true, stdout: true, container: 'c', command: ['ls', '-l'] },
      attach: { kind: 'PodAttachOptions', apiVersion: 'v1', stdin: true, stdout: true, container: 'c' },
      portforward: { kind: 'PodPortForwardOptions', apiVersion: 'v1', ports: [80] },
      proxy: { kind: 'PodProxyOptions', apiVersion: 'v1', path: '/x' },
    }
    const { request } = reviews[0]!.review
    expect(request).toMatchObject({ operation: 'CONNECT', name: 'web', namespace: 'default', subResource: subresource, resource: { resource: 'pods' }, oldObject: null, options: null })
    expect(request.object).toEqual(options[subresource])
    expect(request.kind).toEqual({ group: '', version: 'v1', kind: (options[subresource] as { kind: string }).kind })
  })

  it('are counted in the metrics of Kubernetes', async () => {
    const { call, hook, handlers } = await cluster()
    await hook('validatingwebhookconfigurations', 'no')
    await hook('mutatingwebhookconfigurations', 'open', { failurePolicy: 'Ignore', clientConfig: { service: { namespace: 'default', name: 'gone' } } })
    handlers.set('/no', deny({ code: 403 }))
    await call(configMaps, { method: 'POST', body: configMap('a') })
    const { text } = await call('/metrics')
    expect(text).toContain('apiserver_admission_webhook_rejection_count{name="no.example.com",operation="CREATE",type="validating",error_type="no_error",rejection_code="403"} 1')
    expect(text).toContain('apiserver_admission_webhook_fail_open_count{name="open.example.com",type="admit"} 1')
    expect(text).toContain('apiserver_admission_webhook_admission_duration_seconds_count{name="no.example.com",operation="CREATE",rejected="true",type="validating"} 1')
    const seconds = (name: string): number => Number(new RegExp(`^apiserver_request_${name}_sum\\{verb="POST",.*resource="configmaps".*\\} (.*)$`, 'm').exec(text)?.[1])
    expect(seconds('sli_duration_seconds')).toBeLessThan(seconds('duration_seconds'))
    expect(seconds('slo_duration_seconds')).toBeGreaterThan(0)
  })

  it('annotate the audit log', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-audit-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const file = join(dir, 'audit.log')
    const { call, hook, handlers } = await cluster(new AuditLog({ file, log: silent }))
    handlers.set('/a', (review) => respond(review, { auditAnnotations: { checked: 'yes', 'not a key': 'x' } }))
    handlers.set('/m', patch({ op: 'add', path: '/data', value: { added: 'yes' } }))
    await hook('validatingwebhookconfigurations', 'a')
    await hook('mutatingwebhookconfigurations', 'm')
    await hook('mutatingwebhookconfigurations', 'open', { failurePolicy: 'Ignore', clientConfig: { service: { namespace: 'default', name: 'gone' } } })
    await call(configMaps, { method: 'POST', body: configMap('a') })
    const events = () => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as { requestURI: string; annotations: object })
    await eventually('the audit event', async () => events().some(({ requestURI }) => requestURI === configMaps))
    const { annotations } = events().find(({ requestURI }) => requestURI === configMaps)!
    expect(annotations).toMatchObject({
      'a.example.com/checked': 'yes',
      'mutation.webhook.admission.k8s.io/round_0_index_0': '{"configuration":"m","webhook":"m.example.com","mutated":true}',
      'mutation.webhook.admission.k8s.io/round_0_index_1': '{"configuration":"open","webhook":"open.example.com","mutated":false}',
      'failed-open.mutation.webhook.admission.k8s.io/round_0_index_1': 'open.example.com',
    })
    expect(Object.keys(annotations)).not.toContain('a.example.com/not a key')
  })

  it('leave everything as it is while nobody is configured', async () => {
    const { call, handlers, reviews } = await cluster()
    handlers.set('/a', allow)
    expect((await call(configMaps, { method: 'POST', body: configMap('a') })).code).toBe(201)
    expect(reviews).toEqual([])
  })
})
