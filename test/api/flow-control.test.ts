import { get } from 'node:https'
import { expect, onTestFinished, test } from 'vitest'
import { handOf } from '../../src-main/api/flow-control/hand.ts'
import { divide, Level } from '../../src-main/api/flow-control/level.ts'
import { maintainFlowControl, planDangling, planObject } from '../../src-main/api/flow-control/maintain.ts'
import { silent } from '../../src-main/base/log.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { flowSchema, type FlowSchema } from '../../src-main/kinds/flowcontrol/flow-schema.ts'
import { mandatoryPriorityLevels } from '../../src-main/kinds/flowcontrol/mandatory.ts'
import { priorityLevelConfiguration } from '../../src-main/kinds/flowcontrol/priority-level-configuration.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { context, registry, refusal } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'
import { type Answer, type Served, served } from './served-fixture.ts'

/** Answers a get of the namespace `slow` when it is told to. */
function slowly() {
  const waiting: Array<() => void> = []
  const wrap = (verbs: Verbs): Verbs => ({
    ...verbs,
    get: async (kind, ref, ...rest) => {
      if (kind === namespace && ref.name === 'slow') await new Promise<void>((resolve) => waiting.push(resolve))
      return verbs.get(kind, kind === namespace && ref.name === 'slow' ? { name: 'default' } : ref, ...rest)
    },
  })
  return { wrap, waiting }
}

async function controlled(seats?: number, more: (verbs: Verbs) => Verbs = (verbs) => verbs): Promise<{ server: Served; waiting: Array<() => void> }> {
  const { wrap, waiting } = slowly()
  const server = await served({
    seats, wrap: (verbs) => more(wrap(verbs)), authorize: () => ({ allowed: true, reason: '' }),
    extend: async ({ verbs, clock }) => {
      const maintenance = await maintainFlowControl(verbs, clock, silent)
      onTestFinished(() => maintenance.close())
      return {}
    },
  })
  return { server, waiting }
}

const anything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }]
const schemaFor = (user: string, level: string, spec: object = {}): object => ({
  metadata: { name: user },
  spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence: 50, rules: [{ subjects: [{ kind: 'User', user: { name: user } }], resourceRules: anything }], ...spec },
})
const limited = (name: string, limitResponse: object, more: object = {}): object => ({
  metadata: { name }, spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, borrowingLimitPercent: 0, limitResponse, ...more } },
})

async function classOf(server: Served, answer: Answer): Promise<string[]> {
  const named = async (kind: typeof flowSchema | typeof priorityLevelConfiguration, header: string): Promise<string> => {
    const { items } = await server.verbs.list(kind as typeof flowSchema, {})
    return items.find(({ object }) => object.metadata.uid === answer.headers[header])?.object.metadata.name ?? ''
  }
  return [await named(flowSchema, 'x-kubernetes-pf-flowschema-uid'), await named(priorityLevelConfiguration, 'x-kubernetes-pf-prioritylevel-uid')]
}

test('says in the headers which flow schema and priority level a request has', async () => {
  const { server } = await controlled()
  const as = (user: string, group?: string) => ({ headers: { 'Impersonate-User': user, ...(group ? { 'Impersonate-Group': group } : {}) } })
  const of = async (path: string, user?: { headers: Record<string, string> }) => classOf(server, await server.call(path, user))
  expect(await of('/api/v1/namespaces')).toEqual(['exempt', 'exempt'])
  expect(await of('/api/v1/nodes', as('system:node:n1', 'system:nodes'))).toEqual(['system-node-high', 'node-high'])
  expect(await of('/api/v1/pods', as('system:node:n1', 'system:nodes'))).toEqual(['system-nodes', 'system'])
  expect(await of('/api/v1/pods', as('system:kube-scheduler'))).toEqual(['kube-scheduler', 'workload-high'])
  expect(await of('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/a', as('system:kube-scheduler'))).toEqual(['system-leader-election', 'leader-election'])
  expect(await of('/api/v1/pods', as('system:serviceaccount:kube-system:dns'))).toEqual(['kube-system-service-accounts', 'workload-high'])
  expect(await of('/api/v1/pods', as('system:serviceaccount:default:app'))).toEqual(['service-accounts', 'workload-low'])
  expect(await of('/version', as('jane'))).toEqual(['global-default', 'global-default'])
})

test('classifies by a schema from the moment it is there, and not by one whose level is missing', async () => {
  const { server } = await controlled()
  const jane = { headers: { 'Impersonate-User': 'jane' } }
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  expect((await classOf(server, await server.call('/api/v1/pods', jane)))[0]).toBe('global-default')
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Reject' }), context())
  expect(await classOf(server, await server.call('/api/v1/pods', jane))).toEqual(['jane', 'mine'])
})

test('refuses what a level that rejects has no place for, and nobody else', async () => {
  const { server, waiting } = await controlled(10)
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Reject' }, { nominalConcurrencyShares: 1 }), context())
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  const jane = { headers: { 'Impersonate-User': 'jane' } }
  const first = server.call('/api/v1/namespaces/slow', jane)
  await eventually('the first to be answered', () => waiting.length === 1)

  const second = await server.call('/api/v1/namespaces/default', jane)
  expect([second.code, second.text]).toEqual([429, 'Too many requests, please try again later.\n'])
  expect(second.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'retry-after': '1', 'cache-control': 'no-cache, private' })
  expect(await classOf(server, second)).toEqual(['jane', 'mine'])
  const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
  const watch = await server.call('/api/v1/namespaces?watch=1', { headers: { ...jane.headers, ...upgrade } })
  expect([watch.code, watch.headers['retry-after'], watch.headers['content-type'], watch.text]).toEqual([429, '1', 'text/plain; charset=utf-8', 'Too many requests, please try again later.\n'])
  expect((await server.call('/api/v1/namespaces/default', { headers: { 'Impersonate-User': 'john' } })).code).toBe(200)
  expect((await server.call('/api/v1/namespaces/default')).code).toBe(200)
  waiting[0]!()
  expect((await first).code).toBe(200)
  expect((await server.call('/api/v1/namespaces/default', jane)).code).toBe(200)
  const { text } = await server.call('/metrics')
  expect(text).toContain('apiserver_flowcontrol_rejected_requests_total{priority_level="mine",flow_schema="jane",reason="concurrency-limit"} 2')
  for (const [verb, scope] of [['GET', 'resource'], ['WATCH', 'cluster']]) {
    const labels = `verb="${verb}",group="",version="v1",resource="namespaces",subresource="",scope="${scope}",component="apiserver",code="429"`
    expect(text).toContain(`apiserver_request_terminations_total{${labels}} 1`)
  }
  expect(text).toContain('apiserver_flowcontrol_nominal_limit_seats{priority_level="mine"} 1')
})

test('lets wait what a level that queues has no place for, until its turn or until its queue is full', async () => {
  const { server, waiting } = await controlled(10)
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Queue', queuing: { queues: 1, handSize: 1, queueLengthLimit: 1 } }, { nominalConcurrencyShares: 1 }), context())
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  const jane = { headers: { 'Impersonate-User': 'jane' } }
  const first = server.call('/api/v1/namespaces/slow', jane)
  await eventually('the first to be answered', () => waiting.length === 1)
  let answered = false
  const second = server.call('/api/v1/namespaces/default', jane).finally(() => (answered = true))
  await eventually('the second to wait', async () => (await server.call('/metrics')).text.includes('current_inqueue_requests{priority_level="mine",flow_schema="jane"} 1'))

  expect((await server.call('/api/v1/namespaces/default', jane)).code).toBe(429)
  expect(answered).toBe(false)
  waiting[0]!()
  expect([(await first).code, (await second).code]).toEqual([200, 200])
})

test('lets a request wait for a quarter of its time and no longer', async () => {
  const { server, waiting } = await controlled(10)
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Queue', queuing: { queues: 1, handSize: 1 } }, { nominalConcurrencyShares: 1 }), context())
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  const jane = { headers: { 'Impersonate-User': 'jane' } }
  const first = server.call('/api/v1/namespaces/slow', jane)
  await eventually('the first to be answered', () => waiting.length === 1)
  const timers = server.clock.pending
  const second = server.call('/api/v1/namespaces/default', jane)
  // its deadline, and its patience
  await eventually('the second to wait', () => server.clock.pending === timers + 2)
  server.clock.advance(15_000)
  expect((await second).code).toBe(429)
  waiting[0]!()
  await first
})

test('gives the place of a client that leaves to the next', async () => {
  const { server, waiting } = await controlled(10)
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Reject' }, { nominalConcurrencyShares: 1 }), context())
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  const headers = { authorization: `Bearer ${server.token}`, 'Impersonate-User': 'jane' }
  const leaving = get({ host: '127.0.0.1', port: server.port, path: '/api/v1/namespaces/slow', ca: server.ca.cert, headers }).on('error', () => undefined)
  await eventually('the first to be answered', () => waiting.length === 1)
  leaving.destroy()
  await eventually('a place', async () => (await server.call('/api/v1/namespaces/default', { headers: { 'Impersonate-User': 'jane' } })).code === 200)
})

const inFlight = async ({ call }: Served): Promise<string[]> => (await call('/metrics')).text.split('\n').filter((line) => /^apiserver_current_in\w+_requests\{/.test(line))

test('answers as many at once as the server has seats, and tells who finds none in time to come back in a second', async () => {
  const { server, waiting } = await controlled(1)
  const guest = { token: 'the-guest-token' }
  const first = server.call('/api/v1/namespaces/slow', guest)
  await eventually('the first to be answered', () => waiting.length === 1)
  const second = server.call('/api/v1/namespaces/default?timeout=8s', { ...guest, method: 'DELETE' })
  await eventually('the second to wait', async () => (await inFlight(server)).includes('apiserver_current_inqueue_requests{request_kind="mutating"} 1'))
  // the one that asks is counted too
  expect(await inFlight(server)).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 2')
  server.clock.advance(2000)
  const refused = await second
  expect([refused.code, refused.headers['retry-after']]).toEqual([429, '1'])
  expect(refused.text).toBe('Too many requests, please try again later.\n')
  const { text } = await server.call('/metrics')
  expect(text).toContain('apiserver_flowcontrol_rejected_requests_total{priority_level="global-default",flow_schema="global-default",reason="time-out"} 1')
  expect(text).toContain('apiserver_flowcontrol_request_wait_duration_seconds_count{priority_level="global-default",flow_schema="global-default",execute="false"} 1')
  waiting[0]!()
  expect((await first).code).toBe(200)
})

test('leaves a way in for administrators and for probes, however full the server is', async () => {
  const { server, waiting } = await controlled(1)
  const guest = { token: 'the-guest-token' }
  const first = server.call('/api/v1/namespaces/slow', guest)
  await eventually('the first to be answered', () => waiting.length === 1)
  expect((await server.call('/api/v1/namespaces')).code).toBe(200)
  expect((await server.call('/livez', guest)).text).toBe('ok')
  waiting[0]!()
  await first
})

test('gives a watch a seat only until it has begun', async () => {
  let begin = (): void => undefined
  const gate = new Promise<void>((resolve) => (begin = resolve))
  const { server } = await controlled(10, (verbs) => ({ ...verbs, watch: async (...args) => gate.then(() => verbs.watch(...args)) }))
  await server.verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Reject' }, { nominalConcurrencyShares: 1 }), context())
  await server.verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  const jane = { headers: { 'Impersonate-User': 'jane' } }
  const timers = server.clock.pending
  const watching = server.call('/api/v1/namespaces?watch=1&timeoutSeconds=1', jane)
  const executing = 'apiserver_flowcontrol_current_executing_requests{priority_level="mine",flow_schema="jane"}'
  await eventually('the watch to begin', async () => (await server.call('/metrics')).text.includes(`${executing} 1`))
  expect((await server.call('/api/v1/namespaces', jane)).code).toBe(429)
  expect((await server.call('/api/v1/namespaces?watch=1', jane)).code).toBe(429)
  begin()
  await eventually('the watch to stand', () => server.clock.pending > timers)
  expect((await server.call('/api/v1/namespaces', jane)).code).toBe(200)
  server.clock.advance(1000)
  expect(await classOf(server, await watching)).toEqual(['jane', 'mine'])
  expect((await server.call('/metrics')).text).toContain('apiserver_flowcontrol_request_execution_seconds_count{priority_level="mine",flow_schema="jane",type="watch"} 1')
})

test('divides the server by shares, and keeps from the others what they may not borrow', () => {
  const level = (name: string, shares: number, lent: number, borrowed?: number): Level =>
    new Level(name, { type: 'Limited', limited: { nominalConcurrencyShares: shares, lendablePercent: lent, borrowingLimitPercent: borrowed, limitResponse: { type: 'Reject' } } })
  const levels = [new Level('exempt', mandatoryPriorityLevels['exempt']!), level('a', 30, 50), level('b', 10, 0, 50)]
  divide(levels, 100)
  expect(levels.map(({ seats }) => seats)).toEqual([{ nominal: 0, kept: 0, most: Infinity }, { nominal: 75, kept: 37, most: Infinity }, { nominal: 25, kept: 25, most: 38 }])
})

test('lets queues have their turns, however many wait in one', () => {
  const level = new Level('a', { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 1, queueLengthLimit: 10 } } } })
  const flows = ['loud', 'quiet']
  expect(handOf('loud', 64, 1)).not.toEqual(handOf('quiet', 64, 1))
  const order: string[] = []
  for (const flow of [flows[0]!, flows[0]!, flows[0]!, flows[1]!]) level.enqueue(flow, () => order.push(flow))
  while (level.waiting > 0) level.dispatch()
  expect(order).toEqual(['loud', 'quiet', 'loud', 'loud'])
})

test('deals different queues to different flows, and the same ones to the same', () => {
  const hands = Array.from({ length: 50 }, (_, i) => handOf(`user-${i}`, 128, 6))
  expect(hands.every((hand) => new Set(hand).size === 6 && hand.every((queue) => queue >= 0 && queue < 128))).toBe(true)
  expect(new Set(hands.map((hand) => hand.join())).size).toBe(50)
  expect(handOf('user-0', 128, 6)).toEqual(hands[0])
  expect(handOf('x', 3, 3).sort()).toEqual([0, 1, 2])
})

test('puts a mandatory object back that was deleted, and tells which schemas have no level', async () => {
  const { verbs, clock } = await registry()
  const maintenance = await maintainFlowControl(verbs, clock, silent)
  onTestFinished(() => maintenance.close())
  const dangling = async (name: string) => ((await verbs.get(flowSchema, { name })).object as FlowSchema).status?.conditions?.[0]
  await verbs.delete(flowSchema, { name: 'catch-all' }, {}, context())
  await eventually('it', async () => (await verbs.list(flowSchema, {})).items.some(({ object }) => object.metadata.name === 'catch-all'))
  await verbs.create(flowSchema, undefined, schemaFor('jane', 'mine'), context())
  await eventually('it', async () => (await dangling('jane'))?.status === 'True')
  expect(await dangling('jane')).toMatchObject({ type: 'Dangling', reason: 'NotFound', message: 'This FlowSchema references the PriorityLevelConfiguration object named "mine" but there is no such object' })
  await verbs.create(priorityLevelConfiguration, undefined, limited('mine', { type: 'Reject' }), context())
  await eventually('it', async () => (await dangling('jane'))?.status === 'False')
})

test('leaves alone a suggested object that somebody keeps themselves', () => {
  const spec = { matchingPrecedence: 5 }
  const existing = (autoupdate: string) => ({ apiVersion: '', kind: '', metadata: { name: 'probes', annotations: { 'apf.kubernetes.io/autoupdate-spec': autoupdate } }, spec: { matchingPrecedence: 9 } })
  expect(planObject('probes', spec, existing('false'))).toBeUndefined()
  expect(planObject('probes', spec, existing('true'))).toMatchObject({ spec })
  expect(planDangling({ apiVersion: '', kind: '', metadata: {}, spec: { priorityLevelConfiguration: { name: 'x' } } }, new Set(['x']), 0)?.status?.conditions?.[0]?.status).toBe('False')
})

test.each([
  [{ matchingPrecedence: 1 }, "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"],
  [{ matchingPrecedence: 10_001 }, 'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  [{ distinguisherMethod: { type: 'ByMood' } }, 'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByMood"}: supported values: "ByNamespace", "ByUser"'],
  [{ rules: [{ subjects: [], resourceRules: anything }] }, 'spec.rules[0].subjects: Required value: subjects must contain at least one value'],
  [{ rules: [{ subjects: [{ kind: 'User', group: { name: 'a' } }], resourceRules: anything }] }, "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'"],
  [{ rules: [{ subjects: [{ kind: 'Group', group: { name: 'a' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a*'] }] }] }, 'spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a*": wildcard can only do suffix matching'],
])('refuses a flow schema with %j', async (spec, message) => {
  const { verbs } = await registry()
  expect((await refusal(verbs.create(flowSchema, undefined, schemaFor('jane', 'mine', spec), context()))).status.message).toContain(message)
})

test.each([
  [limited('a', { type: 'Reject', queuing: {} }), 'spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited'],
  [limited('a', { type: 'Queue', queuing: { queues: 2, handSize: 3 } }), 'spec.limited.limitResponse.queuing.handSize: Invalid value: 3: should not be greater than queues (2)'],
  [limited('a', { type: 'Queue', queuing: { queues: 512, handSize: 8 } }), 'required entropy bits of deckSize 512 and handSize 8 should not be greater than 60'],
  [{ metadata: { name: 'a' }, spec: { type: 'Exempt' } }, `spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`],
  [{ metadata: { name: 'catch-all' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } }, "spec of 'catch-all' must equal the fixed value"],
])('refuses a priority level such as %j', async (object, message) => {
  const { verbs } = await registry()
  expect((await refusal(verbs.create(priorityLevelConfiguration, undefined, object, context()))).status.message).toContain(message)
})
