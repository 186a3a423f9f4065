import type { Client, DeleteOptions } from '../client/client.ts'
import type { Kind } from '../kinds/kind.ts'
import { type KubeObject, refOf } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'

/** Deletes that very object, not one of the same name made since; one that is gone already is as wished. */
export async function remove<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  object: T,
  options: DeleteOptions = {},
): Promise<void> {
  try {
    await client.delete(kind, refOf(object), {
      ...options,
      preconditions: { uid: object.metadata.uid, ...options.preconditions },
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
