import { expect, test } from 'vitest'
import { newBalanceState, noteFailure, noteSuccess, pick, type BalanceState, type PickRequest } from '../../src-main/proxy/balance.ts'
import type { WantedPort } from '../../src-main/proxy/rules.ts'

const port = (ids: string[], more: Partial<WantedPort> = {}): WantedPort => ({
  id: 'shop/web:80/TCP', service: 'shop/web', port: 80, protocol: 'TCP', balance: 'round-robin',
  endpoints: ids.map((id) => ({ id, address: id, port: 80, ready: true, usable: true })),
  ...more,
})
const none: ReadonlySet<string> = new Set()
const ask = (wanted: WantedPort, state: BalanceState, request: Partial<PickRequest> = {}) =>
  pick(wanted, state, { client: '10.0.0.9', tried: none, now: 0, random: () => 0, ...request })?.id
const times = <T>(n: number, f: () => T): T[] => Array.from({ length: n }, f)

test('goes round in turn, and goes on when an endpoint joins or leaves', () => {
  const state = newBalanceState()
  expect(times(4, () => ask(port(['a', 'b', 'c']), state))).toEqual(['a', 'b', 'c', 'a'])
  expect(times(4, () => ask(port(['a', 'b', 'c', 'd']), state))).toEqual(['b', 'c', 'd', 'a'])
  expect(times(3, () => ask(port(['a', 'b']), state))).toEqual(['b', 'a', 'b'])
  expect(ask(port([]), state)).toBeUndefined()
})

test('never picks an endpoint that is not usable', () => {
  const wanted = port(['a', 'b'])
  const half = { ...wanted, endpoints: wanted.endpoints.map((e) => ({ ...e, usable: e.id === 'b' })) }
  expect(times(3, () => ask(half, newBalanceState()))).toEqual(['b', 'b', 'b'])
})

test('spreads random picks roughly evenly', () => {
  let seed = 42
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
  const state = newBalanceState()
  const counts = new Map<string, number>()
  for (const id of times(3000, () => ask(port(['a', 'b', 'c'], { balance: 'random' }), state, { random })!)) counts.set(id, (counts.get(id) ?? 0) + 1)
  for (const id of ['a', 'b', 'c']) expect(counts.get(id)).toSatisfy((n: number) => n > 850 && n < 1150)
})

test('keeps a client at its endpoint until it was silent for the timeout', () => {
  const wanted = port(['a', 'b', 'c'], { affinitySeconds: 10 })
  const state = newBalanceState()
  expect(ask(wanted, state, { now: 0 })).toBe('a')
  expect(ask(wanted, state, { now: 0, client: '10.0.0.10' })).toBe('b')
  expect(ask(wanted, state, { now: 9_000 })).toBe('a')
  expect(ask(wanted, state, { now: 18_999 })).toBe('a')
  expect(ask(wanted, state, { now: 28_999 })).toBe('c')
})

test('moves a client whose endpoint has gone, and keeps it at the new one', () => {
  const state = newBalanceState()
  expect(ask(port(['a', 'b', 'c'], { affinitySeconds: 10 }), state)).toBe('a')
  expect(times(2, () => ask(port(['b', 'c'], { affinitySeconds: 10 }), state))).toEqual(['c', 'c'])
})

test('tries each endpoint once for one connection, then gives up', () => {
  const state = newBalanceState()
  const wanted = port(['a', 'b'])
  expect(ask(wanted, state, { tried: new Set(['a']) })).toBe('b')
  expect(ask(wanted, state, { tried: new Set(['a', 'b']) })).toBeUndefined()
})

test('passes over an endpoint that just failed, also for its faithful clients, unless there is no other', () => {
  const state = newBalanceState()
  const wanted = port(['a', 'b', 'c'], { affinitySeconds: 100 })
  expect(ask(wanted, state)).toBe('a')
  noteFailure(state, 'a', 0)
  expect(ask(wanted, state, { now: 100 })).toBe('b')
  expect(times(3, () => ask(port(['a', 'b']), state, { now: 4_999 }))).toEqual(['b', 'b', 'b'])
  expect(times(2, () => ask(port(['a', 'b']), state, { now: 5_000 }))).toEqual(['a', 'b'])
  noteFailure(state, 'a', 6_000)
  expect(ask(port(['a']), state, { now: 6_001 })).toBe('a')
  noteSuccess(state, 'a')
  expect(ask(port(['a', 'b']), state, { now: 6_002 })).toBe('a')
})

test('forgets the clients silent longest when there are too many', () => {
  const state = newBalanceState()
  const wanted = port(['a'], { affinitySeconds: 1000 })
  for (let i = 0; i < 20_000; i++) ask(wanted, state, { client: `client-${i}`, now: i })
  expect(state.affinity.size).toBe(10_000)
  expect(state.affinity.has('client-19999')).toBe(true)
})
