import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { CertificateMetrics } from '../../src-main/api/certificate-metrics.ts'
import { RuleMetrics } from '../../src-main/api/custom/rule-metrics.ts'
import { startDeadline } from '../../src-main/api/deadline.ts'
import { exposition } from '../../src-main/api/exposition.ts'
import { RequestMetrics } from '../../src-main/api/metrics.ts'
import { beginFacts, type RequestFacts } from '../../src-main/api/request-facts.ts'
import { parseRoute } from '../../src-main/api/route.ts'
import { storageMetrics } from '../../src-main/api/server-metrics.ts'
import { silent } from '../../src-main/base/log.ts'
import { createClientLeaf } from '../../src-main/base/cert.ts'
import { gauge, Histogram } from '../../src-main/base/metric-families.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { compiled, evaluated } from '../../src-main/kinds/custom/rule-times.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'
import { configMap, type Served, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'

async function scrape({ call }: Served): Promise<Map<string, number>> {
  const { code, headers, text } = await call('/metrics')
  expect([code, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const samples = text.split('\n').filter((line) => line && !line.startsWith('#'))
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

const total = (verb: string, code: number, { resource = 'configmaps', subresource = '', scope = 'resource', version = 'v1' } = {}) =>
  `apiserver_request_total{verb="${verb}",dry_run="",group="",version="${version}",resource="${resource}",subresource="${subresource}",scope="${scope}",component="apiserver",code="${code}"}`

describe('/metrics', () => {
  it('counts requests by what they were about and how they ended, with their durations', async () => {
    const server = await served()
    const { call } = server
    await call(maps, { method: 'POST', body: configMap('a') })
    await call(`${maps}/a?fieldManager=t&dryRun=All`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' }, body: configMap('a') })
    await call(`${maps}?labelSelector=none`, { method: 'DELETE' })
    for (const name of ['a', 'a', 'missing']) await call(`${maps}/${name}`)
    await call(maps)
    await call('/api/v1/configmaps')
    await call('/api/v1/namespaces/default/unheard-of')
    await call('/made/up/path')
    await call('/livez')
    const samples = await scrape(server)
    expect(samples.get(total('POST', 201))).toBe(1)
    expect(samples.get(total('APPLY', 200).replace('dry_run=""', 'dry_run="All"'))).toBe(1)
    expect(samples.get(total('DELETE', 200, { scope: 'namespace' }))).toBe(1)
    expect([samples.get(total('GET', 200)), samples.get(total('GET', 404))]).toEqual([2, 1])
    expect([samples.get(total('LIST', 200, { scope: 'namespace' })), samples.get(total('LIST', 200, { scope: 'cluster' }))]).toEqual([1, 1])
    expect(samples.get(total('GET', 404, { resource: '', scope: '', version: '' }))).toBe(2)
    expect(samples.get(total('GET', 200, { resource: '', scope: '', version: '', subresource: '/livez' }))).toBe(1)
    const gets = 'verb="GET",dry_run="",group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver"'
    expect(samples.get(`apiserver_request_duration_seconds_count{${gets}}`)).toBe(3)
    expect(samples.get(`apiserver_request_duration_seconds_bucket{${gets},le="+Inf"}`)).toBe(3)
    expect(samples.get(`apiserver_request_duration_seconds_sum{${gets}}`)).toBeGreaterThan(0)
    const onlyLinux = process.platform === 'linux' ? ['process_open_fds', 'process_max_fds', 'process_virtual_memory_bytes'] : []
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds', ...onlyLinux]) expect(samples.get(name)).toBeGreaterThan(0)
    expect(samples.get('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0)
  })

  it('counts watches that run, and what they are told', async () => {
    const server = await served()
    const { call, clock } = server
    const timers = clock.pending
    const watching = call(`${maps}?watch=1&resourceVersion=0&timeoutSeconds=1`)
    await eventually('the watch', () => clock.pending > timers)
    await call(maps, { method: 'POST', body: configMap('a') })
    const labels = 'verb="WATCH",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver"'
    const during = await scrape(server)
    expect(during.get(`apiserver_longrunning_requests{${labels}}`)).toBe(1)
    expect(during.get('apiserver_watch_events_total{group="",version="v1",resource="configmaps"}')).toBe(1)
    clock.advance(1000)
    await watching
    const after = await scrape(server)
    expect(after.get(`apiserver_longrunning_requests{${labels}}`)).toBe(0)
    expect(after.get(total('WATCH', 200, { scope: 'namespace' }))).toBe(1)
    expect(after.has(`apiserver_request_duration_seconds_count{${labels.replace('group', 'dry_run="",group')}}`)).toBe(false)
  })

  it('tells how long streaming lists took, and leaves other watches out', async () => {
    const server = await served()
    const { call, clock } = server
    for (const query of ['sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true', 'resourceVersion=0']) {
      const timers = clock.pending
      const watching = call(`${maps}?watch=1&timeoutSeconds=1&${query}`)
      await eventually('the watch', () => clock.pending > timers)
      clock.advance(1000)
      await watching
    }
    const samples = await scrape(server)
    expect([...samples].filter(([name]) => name.startsWith('apiserver_watch_list_duration_seconds_count'))).toEqual([
      ['apiserver_watch_list_duration_seconds_count{group="",version="v1",resource="configmaps",scope="namespace"}', 1],
    ])
  })

  it('tells how large answers to reads and events of watches were', async () => {
    const server = await served()
    const { call, clock } = server
    const made = await call(maps, { method: 'POST', body: configMap('a', { text: 'x'.repeat(5000) }) })
    const { bytes } = await call(`${maps}/a`)
    await call(maps)
    const timers = clock.pending
    const watching = call(`${maps}?watch=1&timeoutSeconds=1`)
    await eventually('the watch', () => clock.pending > timers)
    const samples = await scrape(server)
    const of = (verb: string, scope: string): string => `{verb="${verb}",group="",version="v1",resource="configmaps",subresource="",scope="${scope}",component="apiserver"`
    expect(samples.get(`apiserver_response_sizes_sum${of('GET', 'resource')}}`)).toBe(bytes.length)
    expect([samples.get(`apiserver_response_sizes_bucket${of('GET', 'resource')},le="1000"}`), samples.get(`apiserver_response_sizes_bucket${of('GET', 'resource')},le="10000"}`)]).toEqual([0, 1])
    expect(samples.get(`apiserver_response_sizes_count${of('LIST', 'namespace')}}`)).toBe(1)
    expect([made.code, samples.has(`apiserver_response_sizes_count${of('POST', 'resource')}}`)]).toEqual([201, false])
    const event = '{group="",version="v1",resource="configmaps"'
    expect(samples.get(`apiserver_watch_events_sizes_sum${event}}`)).toBeGreaterThan(5000)
    expect([samples.get(`apiserver_watch_events_sizes_bucket${event},le="4096"}`), samples.get(`apiserver_watch_events_sizes_bucket${event},le="8192"}`)]).toEqual([0, 1])
    clock.advance(1000)
    await watching
  })

  it('says which deprecated versions somebody asked for who may', async () => {
    const server = await served()
    for (const name of ['a', 'b']) await server.call(`/apis/batch/v1beta1/namespaces/default/cronjobs/${name}`)
    await server.call('/apis/batch/v1beta1/cronjobs')
    await server.call('/apis/discovery.k8s.io/v1beta1/endpointslices', { token: 'the-guest-token' })
    await server.call('/apis/batch/v1/cronjobs')
    const { text } = await server.call('/metrics')
    expect(text.match(/^apiserver_requested_deprecated_apis.*$/gm)).toEqual(['apiserver_requested_deprecated_apis{group="batch",version="v1beta1",resource="cronjobs",subresource="",removed_release="1.25"} 1'])
  })

  it('counts who was let in and who was not, by kinds of names alone', async () => {
    const server = await served()
    await server.call(maps)
    await server.call(maps, { token: 'the-guest-token' })
    await server.call(maps, { token: 'wrong' })
    await server.call('/livez', { token: '' })
    const samples = await scrape(server)
    // what asks for them has been let in too
    expect([samples.get('authentication_attempts{result="success"}'), samples.get('authentication_attempts{result="failure"}')]).toEqual([4, 1])
    expect([samples.get('authenticated_user_requests{username="admin"}'), samples.get('authenticated_user_requests{username="other"}')]).toEqual([2, 2])
    expect(samples.get('authentication_duration_seconds_count{result="success"}')).toBe(4)
    expect([samples.get('authorization_attempts_total{result="allowed"}'), samples.get('authorization_attempts_total{result="no-opinion"}')]).toEqual([3, 1])
    expect(samples.get('authorization_duration_seconds_bucket{result="allowed",le="+Inf"}')).toBe(3)
  })

  it('counts what the server gave up on', async () => {
    let answer = (): void => undefined
    const server = await served({ wrap: (verbs) => ({ ...verbs, get: (...asked) => new Promise<void>((resolve) => (answer = resolve)).then(() => verbs.get(...asked)) }) })
    const timers = server.clock.pending
    const late = server.call(`${maps}/a`)
    await eventually('its deadline to run', () => server.clock.pending > timers)
    server.clock.advance(60_000)
    expect((await late).code).toBe(504)
    answer()
    await eventually('its end', async () => (await scrape(server)).get('apiserver_request_post_timeout_total{source="timeout-handler",status="error"}') === 1)
    expect((await scrape(server)).get('apiserver_request_terminations_total{verb="GET",group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver",code="504"}')).toBe(1)
  })

  it('counts answers that were cut off because their time was over, dry runs among the others', async () => {
    const clock = fakeClock()
    const metrics = new RequestMetrics()
    for (const query of ['', '?dryRun=All']) {
      const facts: RequestFacts = { ...beginFacts('PUT'), route: parseRoute('PUT', `${maps}/a${query}`, new Kinds(kinds)) }
      const res = Object.assign(new EventEmitter(), { headersSent: true, destroy: () => res.emit('close') })
      startDeadline({ method: 'PUT' } as IncomingMessage, res as unknown as ServerResponse, facts, 1000, { clock, log: silent })
      clock.advance(1000)
      metrics.ended(facts, 200)
    }
    metrics.ended({ ...beginFacts('PUT'), route: parseRoute('PUT', `${maps}/a`, new Kinds(kinds)) }, 200)
    expect(exposition(metrics.families()).match(/^apiserver_request_aborts_total.*$/gm)).toEqual(['apiserver_request_aborts_total{verb="PUT",group="",version="v1",resource="configmaps",subresource="",scope="resource"} 2'])
  })

  it('tells how large the bodies were of those who may write, whatever the scope', async () => {
    const server = await served()
    const made = configMap('a')
    for (const query of ['', '?dryRun=All']) await server.call(`${maps}${query}`, { method: 'POST', body: made })
    await server.call(maps, { method: 'POST', body: made, token: 'the-guest-token' })
    await server.call(`${maps}/a`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{}' })
    await server.call(maps)
    const samples = await scrape(server)
    const counts = [...samples].filter(([name]) => name.startsWith('apiserver_request_body_size_bytes_count')).map(([name, count]) => [/verb="(\w+)"/.exec(name)?.[1], count])
    expect(counts).toEqual([['create', 2], ['patch', 1]])
    expect(samples.get('apiserver_request_body_size_bytes_sum{group="",resource="configmaps",verb="create"}')).toBe(2 * JSON.stringify(made).length)
    expect(samples.get('apiserver_request_body_size_bytes_bucket{group="",resource="configmaps",verb="create",le="50000"}')).toBe(2)
  })

  it('tells how long each filter kept requests, and of impersonation only where somebody tried', async () => {
    const server = await served()
    const kept = async (filter: string) => (await scrape(server)).get(`apiserver_request_filter_duration_seconds_count{filter="${filter}"}`)
    await server.call(maps)
    expect(await kept('constrainedimpersonation')).toBeUndefined()
    await server.call(maps, { headers: { 'impersonate-user': 'guest' } })
    await server.call(maps, { token: 'the-guest-token', headers: { 'impersonate-user': 'admin' } })
    const samples = await scrape(server)
    expect([samples.get('apiserver_impersonation_attempts_total{mode="user-info",decision="allowed"}'), samples.get('apiserver_impersonation_attempts_total{mode="",decision="denied"}')]).toEqual([1, 1])
    expect(await kept('constrainedimpersonation')).toBe(2)
    // three scrapes, this one too, and those before it
    expect(await kept('authentication')).toBe(7)
    expect(await kept('priorityandfairness')).toBeGreaterThan(0)
  })

  it('tells how long the certificates are still good that clients come with', async () => {
    const certificates = new CertificateMetrics()
    const server = await served({ certificates })
    const cert = await createClientLeaf(server.ca, { name: 'ann', groups: ['system:masters'] }, Date.now())
    expect((await server.call(maps, { token: '', cert })).code).toBe(200)
    await server.call(maps)
    const text = exposition(certificates.families())
    expect(text).toContain('apiserver_client_certificate_expiration_seconds_count 1\n')
    expect(text).toContain('apiserver_client_certificate_expiration_seconds_bucket{le="31104000"} 0\n')
  })

  it('tells how long rules of custom resources took to compile and to evaluate, until closed', () => {
    const metrics = new RuleMetrics()
    compiled.publish(0.02)
    for (const seconds of [0.001, 0.3]) evaluated.publish(seconds)
    metrics.close()
    evaluated.publish(1)
    const text = exposition(metrics.families())
    expect(text).toContain('apiserver_cel_compilation_duration_seconds_bucket{le="0.025"} 1\n')
    expect(text).toContain('apiserver_cel_evaluation_duration_seconds_bucket{le="0.25"} 1\n')
    expect(text).toContain('apiserver_cel_evaluation_duration_seconds_count 2\n')
  })

  it('leaves out of the indicator what a request waited for, and whole requests that are tried dry', () => {
    const metrics = new RequestMetrics()
    const facts = (path: string, waitedMs: number) => ({ ...beginFacts('POST'), began: performance.now() - 100_000, waitedMs, route: parseRoute('POST', path, new Kinds(kinds)) })
    metrics.ended(facts(maps, 99_900), 201)
    metrics.ended(facts(`${maps}?dryRun=All`, 99_900), 201)
    const text = exposition(metrics.families())
    const labels = 'verb="POST",group="",version="v1",resource="configmaps",subresource="",scope="resource",component="apiserver"'
    expect(text).toContain(`apiserver_request_sli_duration_seconds_count{${labels}} 1`)
    expect(text).toContain(`apiserver_request_sli_duration_seconds_bucket{${labels},le="60"} 1`)
    expect(text).toContain(`apiserver_request_duration_seconds_bucket{${labels.replace('verb="POST",', 'verb="POST",dry_run="",')},le="60"} 0`)
  })

  it('counts stored objects once per resource, and the size of the database', async () => {
    const { call, store } = await served()
    await call(maps, { method: 'POST', body: configMap('a') })
    const text = exposition(storageMetrics(store, new Kinds(kinds).objects, () => 4096))
    expect(text).toMatch(/^apiserver_storage_objects\{resource="configmaps"\} 1$/m)
    expect(text).toMatch(/^apiserver_storage_objects\{resource="deployments\.apps"\} 0$/m)
    expect(text).toMatch(/^apiserver_resource_objects\{group="",resource="namespaces"\} 4$/m)
    const { bytes } = store.list('/core/configmaps/').items[0]!
    expect(text).toContain(`apiserver_resource_size_estimate_bytes{group="",resource="configmaps"} ${bytes.length}\n`)
    expect(text).toMatch(/^apiserver_storage_size_bytes\{storage_cluster_id="\w+"\} 4096$/m)
    // one and the same in two groups
    expect(text.match(/apiserver_storage_objects\{resource="events/g)).toHaveLength(1)
  })

  it('is for those who may see it', async () => {
    const { call } = await served()
    expect((await call('/metrics', { token: 'the-guest-token' })).code).toBe(403)
  })

  it('keeps no series for paths and methods that clients make up', () => {
    const metrics = new RequestMetrics()
    const served = new Kinds(kinds)
    for (let n = 0; n < 1000; n++) {
      metrics.ended({ ...beginFacts(`M${n}`) }, 405)
      metrics.ended({ ...beginFacts(), route: parseRoute('GET', `/made/up/${n}`, served) }, 404)
      metrics.ended({ ...beginFacts(), route: parseRoute('GET', `/api/v1/namespaces/n${n}/pods/p${n}`, served) }, 404)
    }
    expect(metrics.families().find(({ name }) => name === 'apiserver_request_total')?.samples).toHaveLength(3)
  })

  it('costs a request less than a hundredth of what it takes', () => {
    const metrics = new RequestMetrics()
    const route = parseRoute('GET', `${maps}/a`, new Kinds(kinds))
    const rounds = 100_000
    const began = performance.now()
    for (let n = 0; n < rounds; n++) metrics.ended({ ...beginFacts(), route }, 200)
    // a request takes about 150 us; a busy machine may make this one slower too
    expect(((performance.now() - began) / rounds) * 1000).toBeLessThan(20)
  })
})

describe('the text format', () => {
  it('escapes what a label and a help text may hold', () => {
    expect(exposition([gauge('a_metric', 'two\nlines \\ back', 1.5, { x: 'a"b\\c\nd' })])).toBe('# HELP a_metric two\\nlines \\\\ back\n# TYPE a_metric gauge\na_metric{x="a\\"b\\\\c\\nd"} 1.5\n')
  })

  it('has cumulative buckets that include their bound', () => {
    const histogram = new Histogram([1, 2])
    for (const value of [0.5, 1, 1.5, 3]) histogram.observe(value)
    expect(histogram.samples({}).map(({ suffix, labels, value }) => [suffix, labels['le'], value])).toEqual([
      ['_bucket', '1', 2], ['_bucket', '2', 3], ['_bucket', '+Inf', 4], ['_sum', undefined, 6], ['_count', undefined, 4],
    ])
  })
})
