import type { Clock } from '../base/clock.ts'
import { plainFailure, StatusError } from '../kinds/status-error.ts'
import type { Revision, Store } from '../store/store.ts'

/** How long kube-apiserver's cache waits for a version to come about, and when it then asks the client to try again. */
const patienceMs = 3000
const retryAfterSeconds = 1

const mostDigits = String(2n ** 64n - 1n)

/** What Kubernetes says of a `resourceVersion` that is none; undefined for one. */
export function notARevision(text: string): string | undefined {
  if (!/^\d+$/.test(text)) return mistake(text, 'invalid syntax')
  const digits = text.replace(/^0+(?=.)/, '')
  const tooLarge = digits.length > mostDigits.length || (digits.length === mostDigits.length && digits > mostDigits)
  return tooLarge ? mistake(text, 'value out of range') : undefined
}

const mistake = (text: string, why: string): string => `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`

/**
 * The revision a request's `resourceVersion` names; it may be one that has not happened yet.
 *
 * @throws StatusError 500 when it is none, as Kubernetes has it of a get and a watch
 */
export function revisionOf(text: string): Revision {
  const mistake = notARevision(text)
  if (mistake !== undefined) throw plainFailure(mistake)
  return Number(text) as Revision
}

/** Waits a moment for a revision that has not happened yet. Rejects with StatusError 504 when it still has not. */
export async function reached(store: Store, clock: Clock, revision: Revision): Promise<void> {
  if (revision <= store.revision) return
  await new Promise<void>((resolve) => {
    const listening = store.onCommit((newest) => {
      if (newest >= revision) stop()
    })
    const cancel = clock.after(patienceMs, stop)
    function stop() {
      cancel()
      listening.close()
      resolve()
    }
  })
  if (revision > store.revision) throw tooLarge(revision, store.revision)
}

const tooLarge = (asked: Revision, newest: Revision): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: Too large resource version: ${BigInt(asked)}, current: ${newest}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds,
    },
    code: 504,
  })
