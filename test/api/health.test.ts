import { expect, it } from 'vitest'
import type { Check } from '../../src-main/api/health.ts'
import { eventually } from '../fixtures/eventually.ts'
import { served } from './served-fixture.ts'

const anybody = { token: '' }

function controlled(name: string, more: Partial<Check> = {}): { check: Check; well: boolean } {
  const state = {
    well: true,
    check: {
      name,
      check: () => {
        if (!state.well) throw new Error('the disk is gone')
      },
      ...more,
    },
  }
  return state
}

it('tells each check by its name when asked, and always when one fails; why stays in the log', async () => {
  const etcd = controlled('etcd')
  const { call } = await served({ checks: [etcd.check] })
  expect((await call('/livez', anybody)).text).toBe('ok')
  expect((await call('/healthz?verbose', anybody)).text).toBe('[+]ping ok\n[+]etcd ok\nhealthz check passed\n')
  etcd.well = false
  const failed = await call('/livez', anybody)
  expect([failed.code, failed.text]).toEqual([500, '[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n'])
})

it('leaves out what is excluded, and says what could not be', async () => {
  const etcd = controlled('etcd')
  etcd.well = false
  const { call } = await served({ checks: [etcd.check] })
  expect((await call('/readyz?exclude=etcd', anybody)).text).toBe('ok')
  expect((await call('/readyz?verbose&exclude=etcd&exclude=moon', anybody)).text).toBe(
    '[+]ping ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "moon"\nreadyz check passed\n',
  )
})

it('answers for a single check, also one with slashes, to those who may ask', async () => {
  const hook = controlled('poststarthook/rbac/bootstrap-roles')
  const { call } = await served({ checks: [hook.check] })
  const path = `/readyz/${hook.check.name}`
  expect((await call(path)).text).toBe('ok')
  hook.well = false
  expect([(await call(path)).code, (await call(path)).text]).toEqual([500, 'internal server error: the disk is gone\n'])
  expect((await call(path, anybody)).code).toBe(403)
  expect((await call('/readyz/moon')).code).toBe(404)
  expect((await call('/')).json<{ paths: string[] }>().paths).toContain(path)
})

it('is alive while it is not ready', async () => {
  const informers = controlled('informer-sync', { onlyReadiness: true })
  informers.well = false
  const { call } = await served({ checks: [informers.check] })
  expect((await call('/readyz', anybody)).code).toBe(500)
  expect((await call('/livez', anybody)).code).toBe(200)
  expect((await call('/livez/informer-sync')).code).toBe(404)
})

it('takes no answer for a bad one, after two seconds', async () => {
  const { call, clock } = await served({ checks: [{ name: 'etcd', check: () => new Promise(() => undefined) }] })
  const timers = clock.pending
  const asked = call('/livez', anybody)
  await eventually('the check', () => clock.pending > timers)
  clock.advance(2000)
  expect((await asked).text).toContain('[-]etcd failed')
})

it('answers whatever the method', async () => {
  const { call } = await served({})
  expect([(await call('/livez', { method: 'POST' })).code, (await call('/version', { method: 'POST' })).code]).toEqual([200, 405])
})

it('counts what the checks said for /metrics/slis, one by one and not when they are left out', async () => {
  const etcd = controlled('etcd')
  const { call } = await served({ checks: [etcd.check] })
  await call('/livez', anybody)
  etcd.well = false
  for (const path of ['/livez', '/livez?exclude=etcd', '/livez/etcd']) await call(path, anybody)
  const { text, headers } = await call('/metrics/slis')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
    'kubernetes_healthcheck{name="ping",type="livez"} 1',
    'kubernetes_healthcheck{name="etcd",type="livez"} 0',
    'kubernetes_healthchecks_total{name="ping",status="success",type="livez"} 3',
    'kubernetes_healthchecks_total{name="etcd",status="success",type="livez"} 1',
    'kubernetes_healthchecks_total{name="etcd",status="error",type="livez"} 1',
    expect.stringMatching(/^process_start_time_seconds \d/),
    '',
  ])
  expect((await call('/metrics/slis', anybody)).code).toBe(403)
})
