import type { Status } from '../../src-main/kinds/generated/types.ts'

/** What the API answered instead of an object. `code` 0: no answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: number
  readonly reason: string
  readonly status: Partial<Status>

  constructor(status: Partial<Status>) {
    super(status.message ?? status.reason ?? 'The cluster gave no reason.')
    this.code = status.code ?? 0
    this.reason = status.reason ?? ''
    this.status = status
  }
}

export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.reason === 'Conflict'

/** An error as people read it: what happened, what to do, and the message as it came. */
export interface Explanation {
  what: string
  todo?: string
  raw: string
}

const byReason: Readonly<Record<string, { what: string; todo: string }>> = {
  Conflict: { what: 'Somebody else changed this object meanwhile, so nothing was saved.', todo: 'Load the current version and make the change again.' },
  AlreadyExists: { what: 'That name is taken in this namespace.', todo: 'Choose another name, or delete the old object first.' },
  NotFound: { what: 'The object is gone.', todo: 'It was deleted, perhaps from another window.' },
  Forbidden: { what: 'You may not do this.', todo: 'Ask whoever runs the cluster for the permission named below.' },
  Unauthorized: { what: 'This window is no longer signed in.', todo: 'Open the sign-in link again; `wheelhouse serve` prints it when it starts.' },
  Invalid: { what: 'The cluster refused the object: a field has a value it cannot have.', todo: 'Correct the field named below and try again.' },
  TooManyRequests: { what: 'The cluster is busy.', todo: 'Wait a moment and try again.' },
  InsufficientStorage: { what: 'The disk is full, so nothing was saved.', todo: 'Free some space and try again.' },
}

/** `doing` starts the sentence: "Could not scale web: ..." */
export function explain(error: unknown, doing: string): Explanation {
  const raw = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiError)) return { what: `${doing} failed.`, raw }
  if (error.code === 0) {
    return { what: `${doing} failed: the cluster does not answer.`, todo: 'It may be restarting; the window reconnects by itself.', raw }
  }
  const known = byReason[error.reason]
  return known ? { what: `${doing} failed. ${known.what}`, todo: known.todo, raw } : { what: `${doing} failed.`, raw }
}
