import type { Seen } from '../client/informer.ts'
import { namespace as namespaceKind } from '../kinds/core/namespace.ts'
import { serviceAccount as serviceAccountKind, type ServiceAccount } from '../kinds/core/service-account.ts'
import { isAlreadyExists, isTerminatingNamespace } from '../kinds/status-error.ts'
import { type Controller, done, every, type Watch } from './controller.ts'

const name = 'default'

const deletions: Watch = {
  kind: serviceAccountKind,
  keys: ({ type, object: { metadata } }: Seen<ServiceAccount>) =>
    type === 'deleted' && metadata.name === name ? [metadata.namespace ?? ''] : [],
}

/** Gives every namespace its `default` ServiceAccount, as which pods run that name none. */
export const serviceaccountController: Controller = {
  name: 'service-account-controller',
  watches: [every(namespaceKind), deletions],
  async reconcile(key, { read, client }) {
    const namespace = await read(namespaceKind, key)
    if (!namespace || namespace.metadata.deletionTimestamp || (await read(serviceAccountKind, `${key}/${name}`)))
      return done
    try {
      await client.create(serviceAccountKind, { metadata: { name, namespace: key } })
    } catch (error) {
      if (!isAlreadyExists(error) && !isTerminatingNamespace(error)) throw error
    }
    return done
  },
}
