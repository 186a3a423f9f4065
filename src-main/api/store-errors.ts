import { Compacted, StorageFailed, TooLarge } from '../store/store.ts'
import { expired, insufficientStorage, plainFailure, type StatusError } from '../kinds/status-error.ts'

/** What etcd's client in kube-apiserver sends at most. */
export const maxSentBytes = 2 * 1024 * 1024

/** What the store said, as clients understand it; other errors stay what they are. */
export function toStatusError(error: unknown): unknown {
  if (error instanceof Compacted) return expired()
  if (error instanceof TooLarge) return tooLargeForEtcd(error.bytes)
  if (error instanceof StorageFailed) return insufficientStorage(error.message)
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
