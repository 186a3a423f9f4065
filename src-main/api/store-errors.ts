import { Compacted, FutureRevision, type Revision, StorageFailed, type Store, TooLarge } from '../store/store.ts'
import { expired, insufficientStorage, plainFailure, StatusError } from '../kinds/status-error.ts'

/** What etcd's client in kube-apiserver sends at most. */
export const maxSentBytes = 2 * 1024 * 1024

/** What the store said, as clients understand it; other errors stay what they are. */
export function toStatusError(error: unknown): unknown {
  if (error instanceof Compacted) return expired()
  if (error instanceof TooLarge) return tooLargeForEtcd(error.bytes)
  if (error instanceof StorageFailed) return insufficientStorage(error.message)
  if (error instanceof FutureRevision) return timeout(error.message)
  return error
}

/** In the words of etcd and of its client, which kube-apiserver passes on and which clients look for. */
export const tooLargeForEtcd = (bytes: number): StatusError =>
  bytes > maxSentBytes
    ? plainFailure(`rpc error: code = ResourceExhausted desc = trying to send message larger than max (${bytes} vs. ${maxSentBytes})`)
    : tooLargeToStore()

export const tooLargeToStore = (): StatusError => plainFailure('etcdserver: request is too large')

export async function orStatusError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toStatusError(error)
  }
}

const timeout = (message: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: ${message}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    code: 504,
  })

/** What Kubernetes says of a `resourceVersion` that is none; undefined for one. */
export const notARevision = (text: string): string | undefined =>
  /^\d{1,16}$/.test(text) ? undefined : `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`

/**
 * The revision a request's `resourceVersion` names.
 *
 * @throws StatusError 500 when it is not one, as Kubernetes has it of a get and a watch; 504 when it has not happened yet
 */
export function revisionOf(text: string, store: Store): Revision {
  const mistake = notARevision(text)
  if (mistake !== undefined) throw plainFailure(mistake)
  const revision = Number(text)
  if (revision > store.revision) throw timeout(`Too large resource version: ${revision}, current: ${store.revision}`)
  return revision as Revision
}
