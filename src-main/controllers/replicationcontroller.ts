import { replicationController } from '../kinds/core/replication-controller.ts'
import { replicaController } from './apply-replicas.ts'
import { mapSelector } from './map-selector.ts'

/** Keeps as many pods as a ReplicationController wishes. */
export const replicationcontrollerController = replicaController({
  name: 'replication-controller',
  kind: replicationController,
  selector: ({ spec }) => mapSelector(spec?.selector),
})
