import { describe, expect, it } from 'vitest'
import { exposition, gauge, Histogram } from '../../src-main/api/exposition.ts'
import { RequestMetrics } from '../../src-main/api/metrics.ts'
import { beginFacts } from '../../src-main/api/request-facts.ts'
import { parseRoute } from '../../src-main/api/route.ts'
import { storageMetrics } from '../../src-main/api/server-metrics.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { eventually } from '../fixtures/eventually.ts'
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
    const labels = 'verb="WATCH",dry_run="",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver"'
    const during = await scrape(server)
    expect(during.get(`apiserver_longrunning_requests{${labels}}`)).toBe(1)
    expect(during.get('apiserver_watch_events_total{group="",version="v1",resource="configmaps"}')).toBe(1)
    clock.advance(1000)
    await watching
    const after = await scrape(server)
    expect(after.has(`apiserver_longrunning_requests{${labels}}`)).toBe(false)
    expect(after.get(total('WATCH', 200, { scope: 'namespace' }))).toBe(1)
    expect(after.has(`apiserver_request_duration_seconds_count{${labels}}`)).toBe(false)
  })

  it('counts stored objects once per resource, and the size of the database', async () => {
    const { call, store } = await served()
    await call(maps, { method: 'POST', body: configMap('a') })
    const text = exposition(storageMetrics(store, new Kinds(kinds).objects, () => 4096))
    expect(text).toMatch(/^apiserver_storage_objects\{resource="configmaps"\} 1$/m)
    expect(text).toMatch(/^apiserver_storage_objects\{resource="deployments\.apps"\} 0$/m)
    expect(text).toMatch(/^apiserver_resource_objects\{group="",resource="namespaces"\} 4$/m)
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
