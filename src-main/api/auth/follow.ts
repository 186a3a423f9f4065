import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { Store, Subscription } from '../../store/store.ts'
import { kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'

/**
 * Tells every object of a kind as it is, and then every change of it, before the write that made it is acknowledged: what
 * is derived from the objects here is never older than what a client has been told. `object` is absent when it is gone.
 */
export async function follow<T extends KubeObject>(
  store: Store,
  kind: AnyKind,
  tell: (object: Readonly<T> | undefined, old: Readonly<T> | undefined) => void,
): Promise<Subscription> {
  const { revision, items } = store.list(kindPrefix(kind))
  for (const item of items) tell(objectOf(item) as Readonly<T>, undefined)
  return store.watch(kindPrefix(kind), revision, ({ type, current, previous }) =>
    tell(
      type === 'put' ? (objectOf(current) as Readonly<T>) : undefined,
      previous && (objectOf(previous) as Readonly<T>),
    ),
  )
}
