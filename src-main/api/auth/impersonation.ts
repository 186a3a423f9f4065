import type { IncomingMessage } from 'node:http'
import { internal } from '../../kinds/status-error.ts'
import { type Attributes, type Authorize, denied } from '../authz.ts'
import type { User } from '../verbs.ts'

const extraPrefix = 'impersonate-extra-'
const authentication = 'authentication.k8s.io'

/**
 * The user that the `Impersonate-*` headers name, when the one who asks may act as them; the one who asks when there are
 * no such headers.
 *
 * @throws StatusError 403 for who may not, 500 for headers without a user, both as kube-apiserver answers
 */
export function impersonated(req: IncomingMessage, user: User, authorize: Authorize): User {
  const wish = wishOf(req)
  if (!wish) return user
  for (const attributes of asked(wish)) {
    const { allowed, reason } = authorize(user, attributes)
    if (!allowed) throw denied(user, attributes, reason)
  }
  return { ...wish, groups: groupsOf(wish) }
}

function wishOf(req: IncomingMessage): User | undefined {
  // asked of every request, and nearly none has them
  if (!Object.keys(req.headers).some((header) => header.startsWith('impersonate-'))) return undefined
  const { headersDistinct } = req
  const name = headersDistinct['impersonate-user']?.[0] ?? ''
  const groups = headersDistinct['impersonate-group'] ?? []
  const uid = headersDistinct['impersonate-uid']?.[0]
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (const [header, values] of Object.entries(headersDistinct)) {
    if (header.startsWith(extraPrefix)) extra[unescape(header.slice(extraPrefix.length))] = values ?? []
  }
  const hasExtra = Object.keys(extra).length > 0
  if (name === '') {
    if (groups.length > 0 || hasExtra || uid)
      throw internal('requested impersonation of groups, uid or extra without impersonating a user')
    return undefined
  }
  return { name, groups, ...(uid ? { uid } : {}), ...(hasExtra ? { extra } : {}) }
}

/** Keys of extra are percent-encoded, for they may have what a header's name may not; a bad code stands for itself. */
function unescape(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const accountPattern = /^system:serviceaccount:([^:]+):([^:]+)$/

/** Each thing the user who impersonates must be allowed. */
function asked({ name, groups, uid, extra = {} }: User): Attributes[] {
  const account = accountPattern.exec(name)
  const core = { verb: 'impersonate', group: '', version: 'v1' }
  const other = { verb: 'impersonate', group: authentication, version: 'v1' }
  return [
    account
      ? { ...core, resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! }
      : { ...core, resource: 'users', name },
    ...groups.map((group) => ({ ...core, resource: 'groups', name: group })),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ ...other, resource: 'userextras', subresource: key, name: value })),
    ),
    ...(uid ? [{ ...other, resource: 'uids', name: uid }] : []),
  ]
}

/** The groups asked for, and those that follow from who it is. */
function groupsOf({ name, groups }: User): string[] {
  const account = accountPattern.exec(name)
  const own =
    account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : groups
  const implied = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  const told = own.includes('system:authenticated') || own.includes('system:unauthenticated')
  return told ? [...own] : [...own, implied]
}
