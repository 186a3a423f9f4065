import type { Controller } from './controller.ts'
import { csrApproving } from './csr-approving.ts'
import { csrCleaner } from './csr-cleaner.ts'
import { customResourceDefinitionController } from './crd.ts'
import { deploymentController } from './deployment.ts'
import { endpointsController } from './endpoints.ts'
import { endpointsliceController } from './endpointslice.ts'
import { eventTtlController } from './event-ttl.ts'
import { garbagecollectorController } from './garbagecollector.ts'
import { namespaceController } from './namespace.ts'
import { nodeController } from './node.ts'
import { poddisruptionbudgetController } from './poddisruptionbudget.ts'
import { persistentVolumeBinder } from './persistent-volume-binder.ts'
import { podgcController } from './podgc.ts'
import { replicasetController } from './replicaset.ts'
import { replicationcontrollerController } from './replicationcontroller.ts'
import { resourcequotaController } from './resourcequota.ts'
import { serviceaccountController } from './serviceaccount.ts'
import { serviceCidrs } from './service-cidrs.ts'
import { attributesClassProtection, claimProtection, volumeProtection } from './storage-protection.ts'
import { taintEvictionController } from './taint-eviction.ts'
import { tokenCleaner } from './token-cleaner.ts'
import { bootstrapSigner } from './token-signer.ts'

/** Everything that reconciles, each on its own. */
export const controllers: readonly Controller[] = [
  namespaceController,
  customResourceDefinitionController,
  serviceaccountController,
  nodeController,
  taintEvictionController,
  podgcController,
  replicationcontrollerController,
  replicasetController,
  deploymentController,
  endpointsController,
  endpointsliceController,
  resourcequotaController,
  poddisruptionbudgetController,
  garbagecollectorController,
  eventTtlController,
  csrApproving,
  csrCleaner,
  bootstrapSigner,
  tokenCleaner,
  persistentVolumeBinder,
  claimProtection,
  volumeProtection,
  attributesClassProtection,
  serviceCidrs,
]
