import { describe, expect, it } from 'vitest'
import { ApiError, explain } from '../../src-renderer/api/errors.ts'
import { requestPath } from '../../src-renderer/api/service-request.ts'
import { sortRows } from '../../src-renderer/components/base/columns.ts'
import { groupResponses } from '../../src-renderer/components/traffic/responses.ts'
import { matchesFilter } from '../../src-renderer/state/filter.ts'
import { age, ago, bytes, cpu, figure, hueOf, huesOf, quantity } from '../../src-renderer/state/format.ts'
import { append } from '../../src-renderer/stores/metrics.ts'

const at = (seconds: number) => new Date(1_800_000_000_000 - seconds * 1000).toISOString()
const now = 1_800_000_000_000

describe('figures', () => {
  it.each([[5, '5s'], [119, '119s'], [303, '5m3s'], [45 * 60, '45m'], [3 * 3600 + 720, '3h12m'], [50 * 3600, '2d2h'], [41 * 86_400, '41d']])(
    'an age of %d seconds is written as kubectl does', (seconds, text) => expect(age(at(seconds), now)).toBe(text),
  )
  it('an age in words has its singular', () => {
    expect([ago(at(1), now), ago(at(60), now), ago(at(7200), now)]).toEqual(['just now', '1 minute ago', '2 hours ago'])
  })
  it.each([['500m', 0.5], ['1Gi', 2 ** 30], ['2', 2], ['1e3', 1000], ['128974848', 128974848], ['nonsense', 0], [undefined, 0]])('the quantity %s is %d', (text, n) => {
    expect(quantity(text)).toBe(n)
  })
  it('cores and bytes carry their unit', () => {
    expect([cpu(0.25), cpu(1), cpu(7.456), bytes(64 * 2 ** 20), bytes(1.5 * 2 ** 30), bytes(0)].map(figure)).toEqual(['250m', '1 core', '7.46 cores', '64Mi', '1.5Gi', '0B'])
  })
  it('a name has the same colour every time, and names spread over the eight', () => {
    const hues = new Set(Array.from({ length: 100 }, (_, i) => hueOf(`web-${i}`)))
    expect(hueOf('web-1')).toBe(hueOf('web-1'))
    expect(hues.size).toBe(8)
    const together = ['simulated-1', 'vm', 'a', 'b', 'c', 'd', 'e', 'f']
    expect(new Set(huesOf(together).values()).size).toBe(8)
  })
  it('a series keeps its newest 180 samples', () => {
    let series = append(undefined, 0, { cpu: 0, memory: 0 })
    for (let i = 1; i <= 200; i++) series = append(series, i, { cpu: i, memory: i })
    expect([series.times.length, series.times[0], series.cpu.at(-1)]).toEqual([180, 21, 200])
  })
})

describe('lists', () => {
  const row = (name: string, namespace = 'default', labels = {}) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels } })
  it('sort numbers in names as numbers, and equal rows by name', () => {
    const rows = [row('web-10'), row('web-9'), row('api', 'a')]
    expect(sortRows(rows, [], { column: '', down: false }).map((r) => r.metadata.name)).toEqual(['api', 'web-9', 'web-10'])
    const columns = [{ id: 'same', title: '', value: () => 1 }]
    expect(sortRows(rows, columns, { column: 'same', down: true }).map((r) => r.metadata.name)).toEqual(['api', 'web-9', 'web-10'])
  })
  it('filter by every word: name, namespace or label', () => {
    const web = row('web-1', 'shop', { app: 'web' })
    expect(['web shop', 'app=web', ''].every((text) => matchesFilter(web, text))).toBe(true)
    expect(matchesFilter(web, 'web other')).toBe(false)
  })
})

describe('requests and errors', () => {
  it('a request goes through the service proxy, its colon as it is', () => {
    expect(requestPath({ service: { namespace: 'default', name: 'web' }, port: 80, path: '/a/b?c=1' })).toBe('/api/v1/namespaces/default/services/web:80/proxy/a/b?c=1')
  })
  it('equal answers are one group, the most frequent first', () => {
    const answer = (text: string, index: number) => ({ index, status: 200, ms: 1, text })
    expect(groupResponses(['a', 'b', 'b'].map(answer))).toMatchObject([{ text: 'b', count: 2 }, { text: 'a', count: 1 }])
  })
  it('a conflict says what happened and what to do, and keeps the message', () => {
    const found = explain(new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' }), 'Saving')
    expect(found.what).toContain('Somebody else changed this object')
    expect(found.todo).toContain('Load the current version')
    expect(found.raw).toBe('the object has been modified')
  })
})
