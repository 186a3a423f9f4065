import { jsonMistake } from '../base/json-mistake.ts'
import { badRequest, expired, StatusError } from '../kinds/status-error.ts'

/** Where a list goes on: after a key, in the snapshot at a revision. */
export interface ContinueToken {
  /** -1 goes on in the newest state: what Kubernetes calls an inconsistent list. */
  readonly revision: number
  /** The last key of the page before, below the kind's prefix. */
  readonly after: string
}

export const encodeContinue = ({ revision, after }: ContinueToken): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` })).toString('base64url')

/** @throws StatusError 400 when the text is not a token of ours */
export function decodeContinue(text: string): ContinueToken {
  const illegal = /[^\w-]/.exec(text)?.index ?? (text.length % 4 === 1 ? text.length - 1 : undefined)
  if (illegal !== undefined) throw invalid(`illegal base64 data at input byte ${illegal}`)
  const bytes = Buffer.from(text, 'base64url')
  let token: { v?: unknown; rv?: unknown; start?: unknown } | null
  try {
    token = JSON.parse(bytes.toString('utf8')) as typeof token
  } catch {
    throw invalid(jsonMistake(bytes))
  }
  const { v = '', rv = 0, start = '' } = token ?? {}
  if (v !== 'meta.k8s.io/v1') throw invalid(`server does not recognize this encoded version ${String(v)}`)
  if (!Number.isInteger(rv) || rv === 0) throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '') throw invalid('encoded start key empty (version meta.k8s.io/v1)')
  // nobody looks beyond the objects that a list is of
  if (start.split('/').some((step) => step === '' || step === '.' || step === '..')) throw invalid(start)
  return { revision: rv as number, after: start.endsWith('\u0000') ? start.slice(0, -1) : start }
}

const invalid = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid: ${why}`)

/** 410, with a token that goes on after the same key in the newest state. */
export function continueExpired(after: string): StatusError {
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  )
  return new StatusError({ ...status, metadata: { continue: encodeContinue({ revision: -1, after }) } })
}
