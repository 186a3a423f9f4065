import { describe, expect, test } from 'vitest'
import type { ListRequest, Told, WatchRequest } from '../../src-main/api/verbs.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import type { Store } from '../../src-main/store/store.ts'
import { configMapNamed, context, type Fixture, refusal, registry } from './registry-fixture.ts'

const later = ({ store }: { store: Store }, changes: number): string => String(store.revision + changes)
const make = ({ verbs }: Fixture, name: string) => verbs.create(configMap, 'default', configMapNamed(name), context())

/** Lets the clock go on until the work has an end. */
async function impatiently<T>({ clock }: Fixture, work: Promise<T>): Promise<T> {
  let ended = false
  void work.then(() => (ended = true), () => (ended = true))
  for (let turns = 0; turns < 1000 && !ended; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
  return work
}

const token = (revision: number): string => Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: 'default/a\u0000' })).toString('base64url')

describe('a version of the future', () => {
  const lists: Array<[string, (version: string) => ListRequest]> = [
    ['list', (resourceVersion) => ({ resourceVersion })],
    ['exact list', (resourceVersion) => ({ resourceVersion, resourceVersionMatch: 'Exact' })],
    ['page', (resourceVersion) => ({ resourceVersion, limit: 1 })],
    ['next page', (resourceVersion) => ({ limit: 1, continue: token(Number(resourceVersion)) })],
  ]

  test.each(lists)('is waited for by a %s, which is then answered', async (_, request) => {
    const fixture = await registry()
    const listed = fixture.verbs.list(configMap, request(later(fixture, 1)))
    await make(fixture, 'a')
    expect(Number((await listed).resourceVersion)).toBe(fixture.store.revision)
    expect(fixture.clock.pending).toBe(0)
  })

  test.each(lists)('that does not come about is told by a %s after a moment', async (_, request) => {
    const fixture = await registry()
    const error = await refusal(impatiently(fixture, fixture.verbs.list(configMap, request('999999'))))
    expect(error.status).toMatchObject({
      code: 504,
      reason: 'Timeout',
      message: `Timeout: Too large resource version: 999999, current: ${fixture.store.revision}`,
      details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
    })
  })

  test('is waited for by a get', async () => {
    const fixture = await registry()
    await make(fixture, 'a')
    const ref = { namespace: 'default', name: 'a' }
    const got = fixture.verbs.get(configMap, ref, later(fixture, 1))
    await make(fixture, 'b')
    expect((await got).object.metadata.name).toBe('a')
    expect((await refusal(impatiently(fixture, fixture.verbs.get(configMap, ref, '999999')))).code).toBe(504)
  })

  async function watched(fixture: Fixture, request: WatchRequest): Promise<string[]> {
    const told: string[] = []
    const tell = (event: Told) => told.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.item.object.metadata.name}`)
    const handle = await fixture.verbs.watch(configMap, request, tell)
    await make(fixture, 'a')
    fixture.clock.advance(60_000)
    await make(fixture, 'b')
    fixture.clock.advance(60_000)
    handle.close()
    return told
  }

  test.each([
    ['what is next', 1, ['BOOKMARK', 'ADDED b', 'BOOKMARK']],
    ['what comes after that', 2, ['BOOKMARK']],
    ['what is far off', 999_999, []],
  ])('is waited for by a watch in silence: %s', async (_, changes, told) => {
    const fixture = await registry()
    expect(await watched(fixture, { resourceVersion: later(fixture, changes) })).toEqual(told)
  })

  test('is told by a watch that would begin with what there is', async () => {
    const fixture = await registry()
    const error = await refusal(impatiently(fixture, fixture.verbs.watch(configMap, { resourceVersion: '999999', sendInitialEvents: true }, () => undefined)))
    expect(error.message).toContain('Too large resource version: 999999')
  })
})
