import { describe, expect, it } from 'vitest'
import { backendsOf } from '../../src-main/controllers/endpoint-pods.ts'
import { planEndpoints } from '../../src-main/controllers/endpoints.ts'
import { planSlices } from '../../src-main/controllers/endpointslice-plan.ts'
import { type OwnerState, planGarbage } from '../../src-main/controllers/garbage-plan.ts'
import { planConditions } from '../../src-main/controllers/namespace-plan.ts'
import { planNode } from '../../src-main/controllers/node-plan.ts'
import { planReplicas, type ReplicaWish } from '../../src-main/controllers/replicas.ts'
import type { Lease } from '../../src-main/kinds/coordination/lease.ts'
import type { Node } from '../../src-main/kinds/core/node.ts'
import { pod as podKind, type Pod } from '../../src-main/kinds/core/pod.ts'
import type { Service } from '../../src-main/kinds/core/service.ts'
import type { EndpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { yamlCases } from '../fixtures/yaml-cases.ts'

const now = Date.parse('2026-01-01T12:00:00Z')
const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? ''

describe('the plan of a ReplicaSet', () => {
  it.each(yamlCases<{ wish: ReplicaWish; pods: Pod[]; related?: Pod[] }>('controllers/replicas'))(
    '$name',
    ({ input, expected }) => {
      const { remove, ...plan } = planReplicas(input.wish, input.pods, input.related ?? input.pods, now)
      expect({ ...plan, remove: remove.map(nameOf) }).toEqual(expected)
    },
  )
})

describe('the Endpoints of a Service', () => {
  it.each(yamlCases<{ service: Service; pods: Pod[] }>('controllers/endpoints'))('$name', ({ input, expected }) => {
    expect(planEndpoints(input.service, backendsOf(input.service, input.pods))).toEqual(expected)
  })
})

describe('the EndpointSlices of a Service', () => {
  it.each(yamlCases<{ service: Service; pods: Pod[]; slices?: EndpointSlice[] }>('controllers/endpointslices'))(
    '$name',
    ({ input, expected }) => {
      const { create, update, remove } = planSlices(
        input.service,
        backendsOf(input.service, input.pods),
        input.slices ?? [],
      )
      expect({ create, update, remove: remove.map(nameOf) }).toEqual(expected)
    },
  )

  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', uid: 's' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  }
  const pods = (from: number, to: number): Pod[] =>
    Array.from({ length: to - from }, (_, i): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `web-${from + i}`, namespace: 'default', uid: `u${from + i}`, labels: { app: 'web' } },
      status: {
        podIP: `10.0.${Math.floor((from + i) / 250)}.${(from + i) % 250}`,
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    }))
  const stored = (planned: { create: ReadonlyArray<Omit<EndpointSlice, 'apiVersion' | 'kind'>> }): EndpointSlice[] =>
    planned.create.map((slice, index) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      ...slice,
      metadata: { ...slice.metadata, name: `web-${index}` },
    }))

  it('holds a hundred endpoints in each slice, and nothing changes when nothing changed', () => {
    const first = planSlices(service, backendsOf(service, pods(0, 250)), [])
    expect(first.create.map(({ endpoints }) => endpoints?.length)).toEqual([100, 100, 50])
    expect(planSlices(service, backendsOf(service, pods(0, 250)), stored(first))).toEqual({
      create: [],
      update: [],
      remove: [],
    })
  })

  it('fills the gap that a pod left with the next one, in that slice alone', () => {
    const slices = stored(planSlices(service, backendsOf(service, pods(0, 200)), []))
    const gone = slices[0]?.endpoints?.[0]?.targetRef?.name
    const plan = planSlices(
      service,
      backendsOf(
        service,
        pods(0, 201).filter((pod) => nameOf(pod) !== gone),
      ),
      slices,
    )
    expect([plan.create.length, plan.update.map(nameOf), plan.remove.length]).toEqual([0, ['web-0'], 0])
    expect(plan.update[0]?.endpoints?.length).toBe(100)
  })

  it('shows each pod exactly once, whatever came before (100 random histories)', () => {
    let seed = 42
    const random = (below: number) => ((seed = (seed * 1103515245 + 12345) % 2 ** 31) >> 8) % below
    let slices: EndpointSlice[] = []
    for (let round = 0; round < 100; round++) {
      const start = random(300)
      const wished = pods(start, start + random(400))
      const plan = planSlices(service, backendsOf(service, wished), slices)
      const changed = new Map(plan.update.map((slice) => [nameOf(slice), slice]))
      const made = stored(plan).map((slice) => ({
        ...slice,
        metadata: { ...slice.metadata, name: `${slice.metadata.name}-${round}` },
      }))
      slices = [
        ...slices.filter((slice) => !plan.remove.includes(slice)).map((slice) => changed.get(nameOf(slice)) ?? slice),
        ...made,
      ]
      const shown = slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.name))
      expect([...shown].sort(), `round ${round}`).toEqual(wished.map(nameOf).sort())
      expect(slices.every(({ endpoints }) => (endpoints?.length ?? 0) <= 100)).toBe(true)
    }
  })
})

describe('the judgement of a Node', () => {
  it.each(yamlCases<{ node: Node; lease?: Lease; startedAt?: string }>('controllers/node'))(
    '$name',
    ({ input, expected }) => {
      expect(planNode(input.node, input.lease, Date.parse(input.startedAt ?? '2026-01-01T00:00:00Z'), now)).toEqual(
        expected,
      )
    },
  )
})

describe('the garbage collector', () => {
  it.each(yamlCases<{ object: KubeObject; owners?: OwnerState[]; dependents?: KubeObject[] }>('controllers/garbage'))(
    '$name',
    ({ input, expected }) => {
      expect(planGarbage(input.object, input.owners ?? [], input.dependents ?? [])).toEqual(expected)
    },
  )
})

describe('the conditions of a Namespace that ends', () => {
  it('name what is left and which finalizers hold it', () => {
    const held = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', finalizers: ['example.com/hold'] } }
    const plain = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } }
    const remaining = planConditions([], [{ kind: podKind, objects: [held, plain] }], undefined, now)
    expect(
      remaining.filter(({ status }) => status === 'True').map(({ type, reason, message }) => [type, reason, message]),
    ).toEqual([
      [
        'NamespaceContentRemaining',
        'SomeResourcesRemain',
        'Some resources are remaining: pods. has 2 resource instances',
      ],
      [
        'NamespaceFinalizersRemaining',
        'SomeFinalizersRemain',
        'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
      ],
    ])
    const empty = planConditions(remaining, [], undefined, now)
    expect(empty.map(({ type, status }) => [type, status])).toEqual(remaining.map(({ type }) => [type, 'False']))
  })
})
