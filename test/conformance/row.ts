import type { Answer, Certificate, Who } from './caller.ts'

/**
 * One thing that is true of every Kubernetes API server. Strings anywhere in it may have `{ns}`, the row's own namespace,
 * and `{web.metadata.uid}`, a part of what was given as `web` or saved under that name; a string that is nothing but one of
 * these becomes the value itself.
 */
export interface Row {
  /** A sentence about behaviour. */
  readonly title: string
  /** The first minor version that behaves so; asked of older servers, the row is skipped. */
  readonly since?: number
  /** `controllers`: somebody must reconcile. `compaction`: the server's history must be forgotten on demand. `wire`: a connection of its own, whose user nobody knows yet. */
  readonly needs?: 'controllers' | 'compaction' | 'wire'
  /** Objects to create first, in the row's namespace where their kind has one; each is saved under its name. */
  readonly given?: readonly object[]
  readonly steps: readonly Step[]
}

export type Step = Ask | Sees | Forgets

/** A request, and what must come back. */
export interface Ask {
  /** `GET configmaps/a`: a path that begins with no slash is below the row's namespace, a group first where there is one
   *  (`apps/v1/deployments/web`). `WATCH configmaps` opens a watch, which stays open under the name it is saved as. */
  readonly do: string
  /** JSON, unless it is text already. */
  readonly body?: unknown
  /** Media type of the body; the short ones are those of patches. `application/json` unless said. */
  readonly type?: keyof typeof patchTypes | (string & {})
  readonly headers?: Readonly<Record<string, string>>
  readonly as?: Who
  /** Instead of a token. */
  readonly cert?: Certificate
  /** 200 unless said, and 201 for a POST; of several any one. */
  readonly code?: number | readonly number[]
  /** What the body has, at least; undefined stands for what it lacks, a regular expression for a text. */
  readonly answer?: unknown
  /** Nothing else than `answer` is in the body. */
  readonly exactly?: boolean
  /** Headers of the answer; undefined for one that must not be there. */
  readonly answerHeaders?: Readonly<Record<string, unknown>>
  readonly text?: string | RegExp
  /** Anything beyond. Throws, by `expect`. */
  readonly also?: (answer: Answer) => void
  readonly save?: string
  /** Asks again until the answer is this, with a deadline. */
  readonly until?: boolean
}

/** What an open watch tells next: type and object, in order, and nothing in between. */
export interface Sees {
  readonly sees: string
  readonly events: ReadonlyArray<readonly [type: string, object?: unknown]>
  /** The server closes it then. */
  readonly ends?: boolean
}

/** All history so far is compacted. */
export interface Forgets {
  readonly forgets: true
}

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** A refusal, to be spread into the request it answers. */
export const failure = (code: number, reason: string | undefined, message: string | RegExp, details?: object) => ({
  code,
  answer: {
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code,
    ...(reason ? { reason } : {}), ...(details ? { details } : {}),
  },
  exactly: true,
})

/** 422 about one object, with the mistakes as causes: field, reason, message. */
export function invalid(kind: string, name: string, ...mistakes: ReadonlyArray<readonly [field: string, reason: string, message: string]>) {
  const [short = '', ...group] = kind.split('.')
  const sentences = [...new Set(mistakes.map(([field, , message]) => `${field}: ${message}`))]
  const all = sentences.length === 1 ? sentences[0]! : `[${sentences.join(', ')}]`
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${all}`, {
    ...(name ? { name } : {}), ...(group.length > 0 ? { group: group.join('.') } : {}), kind: short,
    causes: mistakes.map(([field, reason, message]) => ({ reason, message, field })),
  })
}

export type Saved = ReadonlyMap<string, unknown>

/** The value with every placeholder replaced by what it stands for. */
export function filled(value: unknown, saved: Saved): unknown {
  if (typeof value === 'string') return filledText(value, saved)
  if (Array.isArray(value)) return value.map((each) => filled(each, saved))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [filledText(name, saved), filled(each, saved)]))
}

const placeholder = /\{(\w[\w-]*)((?:\.[\w/-]+)*)\}/g

function filledText(text: string, saved: Saved): unknown {
  const [whole] = text.matchAll(placeholder)
  if (whole?.[0] === text && saved.has(whole[1]!)) return partOf(saved, whole[1]!, whole[2]!)
  return text.replace(placeholder, (found, name: string, path: string) => (saved.has(name) ? String(partOf(saved, name, path)) : found))
}

function partOf(saved: Saved, name: string, path: string): unknown {
  const steps = path.split('.').slice(1)
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], saved.get(name))
}

/** The URL of a path below a namespace. */
export function urlOf(path: string, namespace: string): string {
  if (path.startsWith('/')) return path
  const [, groupVersion, rest] = /^([^/]+\/v\d\w*)\/(.*)$/.exec(path) ?? []
  return groupVersion ? `/apis/${groupVersion}/namespaces/${namespace}/${rest}` : `/api/v1/namespaces/${namespace}/${path}`
}
