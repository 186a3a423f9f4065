import type { AnyKind } from './kind.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { lease } from './coordination/lease.ts'
import { binding } from './core/binding.ts'
import { configMap } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { pod } from './core/pod.ts'
import { replicationController } from './core/replication-controller.ts'
import { secret } from './core/secret.ts'
import { service } from './core/service.ts'
import { serviceAccount } from './core/service-account.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'

/** Every stored kind, in the order discovery shows them. */
export const kinds: readonly AnyKind[] = [
  namespace, node, pod, service, endpoints, replicationController, configMap, secret, serviceAccount, event, binding, replicaSet, deployment, lease, endpointSlice,
]
