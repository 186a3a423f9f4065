import { describe, expect, it } from 'vitest'
import type { Node } from '../../src-main/kinds/core/node.ts'
import type { Pod } from '../../src-main/kinds/core/pod.ts'
import { unschedulableMessage } from '../../src-main/scheduler/filters.ts'
import { NodeStates } from '../../src-main/scheduler/node-state.ts'
import { choose } from '../../src-main/scheduler/scheduler.ts'
import { yamlCases } from '../fixtures/yaml-cases.ts'

interface Given {
  nodes: Array<Partial<Node> & { name: string; allocatable?: Record<string, string> }>
  running?: Array<{ node: string; uid: string; pod: Partial<Pod> }>
  pod: Partial<Pod>
}

const nodeOf = ({ name, allocatable, ...rest }: Given['nodes'][number]): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  ...rest,
  metadata: { ...rest.metadata, name },
  status: { allocatable: allocatable ?? { cpu: '4', memory: '8Gi', pods: '110' } },
})
const podOf = (pod: Partial<Pod>, uid: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  ...pod,
  metadata: { ...pod.metadata, uid },
})

function run({ nodes, running = [], pod }: Given) {
  const states = new NodeStates()
  for (const node of nodes) states.setNode(nodeOf(node))
  for (const { node, uid, pod: other } of running) states.assume(podOf(other, uid), node)
  const { node, nodes: refused } = choose(podOf(pod, 'new'), states.views(), 0)
  const why = refused.size === 0 ? {} : { refused: Object.fromEntries(refused) }
  return node === undefined ? { ...why, message: unschedulableMessage(refused) } : { node, ...why }
}

describe('the choice of a node', () => {
  it.each(yamlCases<Given>('scheduler'))('$name', ({ input, expected }) => {
    expect(run(input)).toEqual(expected)
  })

  it('lets equal nodes take turns', () => {
    const states = new NodeStates()
    for (const name of ['a', 'b', 'c']) states.setNode(nodeOf({ name }))
    const turns = [0, 1, 2, 3].map(
      (turn) => choose(podOf({ spec: { containers: [] } }, 'new'), states.views(), turn).node,
    )
    expect(turns).toEqual(['a', 'b', 'c', 'a'])
  })

  it('counts the most that a pod may have while it is resized, and what the node refused for good not', () => {
    const states = new NodeStates()
    states.setNode(nodeOf({ name: 'a' }))
    const requests = (cpu: string) => ({ requests: { cpu } })
    const status = (actual: string, allocated: string, reason?: string): Pod['status'] => ({
      conditions: reason ? [{ type: 'PodResizePending', status: 'True', reason }] : [],
      containerStatuses: [
        { name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, resources: requests(actual), allocatedResources: { cpu: allocated } },
      ],
    })
    const taken = (wish: string, given: Pod['status']) => {
      const smaller = states.setPod(podOf({ spec: { nodeName: 'a', containers: [{ name: 'c', resources: requests(wish) }] }, status: given }, 'one'))
      return [states.views()[0]?.requested.get('cpu'), smaller]
    }
    expect(taken('1', undefined)).toEqual([1000, false])
    expect(taken('2', status('1', '1', 'Deferred'))).toEqual([2000, false])
    expect(taken('500m', status('2', '1'))).toEqual([2000, false])
    expect(taken('500m', status('500m', '500m'))).toEqual([500, true])
    expect(taken('50', status('500m', '500m', 'Infeasible'))).toEqual([500, false])
  })

  it('counts a pod once, whether assumed or seen, and no more when it has finished', () => {
    const states = new NodeStates()
    states.setNode(nodeOf({ name: 'a' }))
    const pod = podOf(
      { spec: { nodeName: 'a', containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }] } },
      'one',
    )
    states.assume(pod, 'a')
    states.setPod(pod)
    expect(states.views()[0]).toMatchObject({ pods: 1 })
    expect(states.views()[0]?.requested.get('cpu')).toBe(2000)
    states.setPod({ ...pod, status: { phase: 'Succeeded' } })
    expect(states.views()[0]).toMatchObject({ pods: 0 })
    expect(states.views()[0]?.requested.get('cpu')).toBe(0)
  })
})
