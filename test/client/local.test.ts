import { localClient } from '../../src-main/client/local.ts'
import { openRegistry } from './cluster.ts'
import { describeClient } from './conformance.ts'

describeClient('the client in the server\'s own process', async () => {
  const { verbs, store, close } = await openRegistry()
  const client = localClient(verbs, { name: 'system:kube-controller-manager', groups: ['system:masters'] })
  return { client, close, compact: () => store.compact(store.revision) }
})
