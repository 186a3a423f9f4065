import { type Selector, matches } from '../base/selector.ts'
import type { Client } from '../client/client.ts'
import type { Kind } from '../kinds/kind.ts'
import { controllerOf, controllerRef, type KubeObject, refOf } from '../kinds/meta.ts'
import { conflict, isNotFound } from '../kinds/status-error.ts'

export interface Claims<T> {
  /** Managed by the owner and selected by it. */
  readonly owned: readonly T[]
  /** Selected, and managed by nobody. */
  readonly adopt: readonly T[]
  /** Managed by the owner, but no longer selected. */
  readonly release: readonly T[]
}

/** Which objects of the owner's namespace are its own, as Kubernetes' ControllerRefManager. */
export function planClaims<T extends KubeObject>(
  owner: KubeObject,
  selector: Selector | undefined,
  candidates: Iterable<T>,
): Claims<T> {
  const owned: T[] = []
  const adopt: T[] = []
  const release: T[] = []
  const leaving = owner.metadata.deletionTimestamp !== undefined
  for (const object of candidates) {
    const managing = controllerOf(object)
    const selected = matches(selector, object.metadata.labels ?? {})
    if (managing) {
      if (managing.uid !== owner.metadata.uid) continue
      if (selected) owned.push(object)
      else if (!leaving) release.push(object)
    } else if (selected && !leaving && !object.metadata.deletionTimestamp) adopt.push(object)
  }
  return { owned, adopt, release }
}

/** Adopts and releases; resolves with everything that the owner then manages. */
export async function applyClaims<T extends KubeObject, O extends KubeObject>(
  claims: Claims<T>,
  kind: Kind<T>,
  ownerKind: Kind<O>,
  owner: O,
  client: Client,
): Promise<T[]> {
  if (claims.adopt.length > 0) await assureAlive(ownerKind, owner, client)
  const adopted = claims.adopt.map((object) => {
    const metadata = { uid: object.metadata.uid, ownerReferences: [controllerRef(ownerKind, owner)] }
    return unlessGone(client.patch(kind, refOf(object), { type: 'strategic', body: { metadata } }))
  })
  const released = claims.release.map((object) => {
    const metadata = { uid: object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }] }
    return unlessGone(client.patch(kind, refOf(object), { type: 'strategic', body: { metadata } }))
  })
  await Promise.all(released)
  return [...claims.owned, ...(await Promise.all(adopted)).filter((object) => object !== undefined)]
}

/** The cached owner may be gone already: nothing is adopted for the dead. */
async function assureAlive<O extends KubeObject>(kind: Kind<O>, owner: O, client: Client): Promise<void> {
  const current = await client.get(kind, refOf(owner))
  if (current.metadata.uid === owner.metadata.uid && !current.metadata.deletionTimestamp) return
  throw conflict(kind, owner.metadata.name ?? '', 'it is being deleted or was made anew, and adopts nothing')
}

async function unlessGone<T>(written: Promise<T>): Promise<T | undefined> {
  try {
    return await written
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
