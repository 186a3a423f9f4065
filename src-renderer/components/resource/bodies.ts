import type { Component } from 'vue'
import { persist } from '../../composables/lazy.ts'
import type { KindInfo } from '../../api/kinds.ts'

type Load = () => Promise<Component>

const of = (load: () => Promise<{ default: Component }>): Load => async () => (await persist(load)).default
const workload = of(() => import('../workload/WorkloadBody.vue'))

const bodies: Readonly<Record<string, Load>> = {
  pods: of(() => import('../pod/PodBody.vue')),
  deployments: workload,
  replicasets: workload,
  replicationcontrollers: workload,
  services: of(() => import('../service/ServiceBody.vue')),
  nodes: of(() => import('../node/NodeBody.vue')),
  configmaps: of(() => import('../config/ConfigBody.vue')),
  secrets: of(() => import('../config/ConfigBody.vue')),
}
const generic = of(() => import('./GenericBody.vue'))

/** What the drawer shows of a kind; every kind without its own shows its metadata. */
export const bodyOf = (kind: KindInfo): Load => bodies[kind.plural] ?? generic
