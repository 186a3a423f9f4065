import type { Seen } from '../client/informer.ts'
import { lease as leaseKind, type Lease } from '../kinds/coordination/lease.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { conditionOf, withCondition } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { again, type Context, type Controller, done, every, type Watch } from './controller.ts'
import { planNode } from './node-plan.ts'
import { isReady } from './pod-state.ts'

const leaseNamespace = 'kube-node-lease'

/** A renewal in time changes nothing: the next look is due anyway, and finds it. A late one is news. */
const leases: Watch = {
  kind: leaseKind,
  *keys({ type, object, old }: Seen<Lease>) {
    const { namespace, name = '' } = object.metadata
    if (namespace !== leaseNamespace) return
    const seconds = (lease: Lease | undefined) => Date.parse(lease?.spec?.renewTime ?? '') / 1000
    const inTime = type === 'updated' && seconds(object) - seconds(old) < (object.spec?.leaseDurationSeconds ?? 0)
    if (!inTime) yield name
  },
}

/** Watches over the nodes: one that fell silent is marked, tainted, and its pods take no more traffic. */
export const nodeController: Controller = {
  name: 'node-controller',
  watches: [every(nodeKind), leases],
  async reconcile(key, context) {
    const { client, clock, recorder } = context
    const node = await context.read(nodeKind, key)
    if (!node) return done
    const lease = await context.read(leaseKind, `${leaseNamespace}/${key}`)
    const plan = planNode(node, lease, context.startedAt, clock.now())
    let latest: Node = node
    if (plan.conditions)
      latest = await client.updateStatus(nodeKind, {
        ...latest,
        status: { ...latest.status, conditions: [...plan.conditions] },
      })
    if (plan.taints) await client.update(nodeKind, { ...latest, spec: { ...latest.spec, ...(plan.taints.length > 0 ? { taints: [...plan.taints] } : { taints: undefined }) } })
    if (plan.event) recorder.event(node, 'Normal', plan.event.reason, plan.event.message)
    if (plan.lost) await markPodsNotReady(key, context)
    return plan.afterMs === undefined ? done : again(plan.afterMs)
  },
}

/** Nobody is left on the node who could say it. */
async function markPodsNotReady(nodeName: string, context: Context): Promise<void> {
  const pods = (await context.readAll(podKind)).filter((pod) => pod.spec?.nodeName === nodeName && isReady(pod))
  await Promise.all(pods.map((pod) => markNotReady(pod, context)))
}

async function markNotReady(pod: Pod, { client, clock, recorder }: Context): Promise<void> {
  const ready = conditionOf(pod.status?.conditions, 'Ready')!
  const conditions = withCondition(pod.status?.conditions, { ...ready, status: 'False' }, clock.now())
  try {
    await client.updateStatus(podKind, { ...pod, status: { ...pod.status, conditions } })
    recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
