import { field } from '../../kinds/field-error.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../../kinds/validation.ts'
import { type Attributes, type Authorize, denied } from '../authz.ts'
import type { User } from '../verbs.ts'

/** Somebody who acts as another user. */
export interface Impersonated {
  readonly user: User
  /** The verb of the mode that let them; absent for the mode that there was before there were others. */
  readonly constraint?: string
}

/** Who wishes to act as whom, for what. */
export interface Question {
  readonly wish: User
  readonly user: User
  readonly asked: Attributes
  readonly authorize: Authorize
}

/** A way to become another user, with verbs of its own; the oldest has no name. */
interface Mode {
  readonly name: string
  /** Whether such users can be impersonated so. */
  suits(wish: User, user: User): boolean
}

const nodePrefix = 'system:node:'
const isValid = (sentences: readonly string[]): boolean => sentences.length === 0

/** The node whose name a user has. */
function nodeOf(name: string): string | undefined {
  const node = name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : ''
  return node !== '' && isValid(isDNS1123Subdomain(node)) ? node : undefined
}

/** The service account whose name a user has. */
function accountOf(name: string): { readonly namespace: string; readonly account: string } | undefined {
  const [, namespace = '', account = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? []
  return namespace && isValid(isDNS1123Label(namespace)) && isValid(isDNS1123Subdomain(account)) ? { namespace, account } : undefined
}

const isNameAlone = ({ uid, groups, extra = {} }: User): boolean => !uid && groups.length === 0 && Object.keys(extra).length === 0

const nodeNameKey = 'authentication.kubernetes.io/node-name'
const associatedNode = 'associated-node'

/** A service account may be the node that its pod runs on. */
function isOnNode({ name, extra = {} }: User, wished: string): boolean {
  const node = nodeOf(wished)
  const [told, ...more] = Object.hasOwn(extra, nodeNameKey) ? (extra[nodeNameKey] ?? []) : []
  return node !== undefined && accountOf(name) !== undefined && more.length === 0 && told === node
}

/** In the order in which they are tried. */
export const modes: readonly Mode[] = [
  { name: associatedNode, suits: (wish, user) => isNameAlone(wish) && isOnNode(user, wish.name) },
  { name: 'arbitrary-node', suits: (wish) => isNameAlone(wish) && nodeOf(wish.name) !== undefined },
  { name: 'serviceaccount', suits: (wish) => isNameAlone(wish) && accountOf(wish.name) !== undefined },
  { name: 'user-info', suits: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined },
  { name: '', suits: () => true },
]

/** The user that the wish comes to in a mode; undefined where the mode is for others. @throws StatusError 403 */
export function actedAs({ name, suits }: Mode, { wish, user, asked, authorize }: Question): Impersonated | undefined {
  if (!suits(wish, user)) return undefined
  // which node it is does not matter where everybody may be only their own
  const asks = name === associatedNode ? { ...user, extra: { 'authentication.kubernetes.io/associated-node-keys': Object.keys(user.extra ?? {}).sort() } } : user
  const check = new Check(name, asks, authorize)
  if (name !== '') check.may({ ...asked, verb: `impersonate-on:${name}:${asked.verb}` })
  const given = check.name(wish)
  check.uid(wish)
  check.groups(wish)
  check.extra(wish)
  return { user: { ...wish, groups: withImplied(wish.name, given) }, ...(name === '' ? {} : { constraint: `impersonate:${name}` }) }
}

function withImplied(name: string, groups: readonly string[]): string[] {
  const implied = name === 'system:anonymous' ? 'system:unauthenticated' : groups.includes('system:unauthenticated') ? undefined : 'system:authenticated'
  return implied === undefined || groups.includes(implied) ? [...groups] : [...groups, implied]
}

/** From so many questions on it is asked first whether all are allowed at once. */
const many = 4

const authentication = 'authentication.k8s.io'

/** Whether somebody may have each thing that makes a user, in one mode. */
class Check {
  readonly #mode: string
  readonly #user: User
  readonly #authorize: Authorize

  constructor(mode: string, user: User, authorize: Authorize) {
    this.#mode = mode
    this.#user = user
    this.#authorize = authorize
  }

  /** @throws StatusError 403 */
  may(attributes: Attributes): void {
    const { allowed, reason } = this.#authorize(this.#user, attributes)
    if (!allowed) throw denied(this.#user, attributes, reason)
  }

  /** The groups that the user then has. */
  name({ name, groups }: User): readonly string[] {
    const node = this.#mode === '' ? undefined : nodeOf(name)
    const account = accountOf(name)
    if (node !== undefined) this.may(this.#about('nodes', this.#mode === associatedNode ? '*' : node))
    else if (account) this.may({ ...this.#about('serviceaccounts', account.account), namespace: account.namespace })
    else this.may(this.#about('users', name))
    if (node !== undefined) return ['system:nodes']
    return account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : groups
  }

  uid({ uid }: User): void {
    if (uid) this.may(this.#about('uids', uid, authentication))
  }

  groups({ groups }: User): void {
    if (this.#mode !== '') {
      if (groups.includes('')) this.#refuse(this.#about('groups', ''), 'impersonating the empty string group is not allowed')
      if (groups.includes('system:masters')) this.#refuse(this.#about('groups', 'system:masters'), 'impersonating the system:masters group is not allowed')
      if (groups.length >= many && this.#is(this.#about('groups', '*'))) return
    }
    for (const group of groups) this.may(this.#about('groups', group))
  }

  extra({ extra = {} }: User): void {
    const about = (subresource: string, name: string): Attributes => ({ ...this.#about('userextras', name, authentication), subresource })
    const pairs = Object.entries(extra).flatMap(([key, values]) => values.map((value) => [key, value] as const))
    if (this.#mode !== '') {
      const wrong = wrongExtra(extra)
      if (wrong) this.#refuse(about('', ''), wrong)
      if ((pairs.length >= many || Object.keys(extra).length >= many) && this.#is(about('*', '*'))) return
    }
    for (const [key, value] of pairs) this.may(about(key, value))
  }

  #is(attributes: Attributes): boolean {
    return this.#authorize(this.#user, attributes).allowed
  }

  #refuse(attributes: Attributes, reason: string): never {
    throw denied(this.#user, attributes, reason)
  }

  /** Names and groups were of no group of resources once. */
  #about(resource: string, name: string, group = this.#mode === '' ? '' : authentication) {
    return { verb: this.#mode === '' ? 'impersonate' : `impersonate:${this.#mode}`, group, version: 'v1', resource, name }
  }
}

/** What is wrong with what a user has besides; that was not looked at before there were modes. */
function wrongExtra(extra: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    const wrong = wrongKey(key)
    if (wrong) return `impersonating an invalid key in extra is not allowed: ${wrong}`
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`
    if (values.length === 0) return 'impersonating empty values in extra is not allowed'
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}

/** A path behind a domain: IsDomainPrefixedPath of k8s.io/apimachinery. */
function wrongKey(key: string): string | undefined {
  const at = field('extra', 'key')
  const slash = key.indexOf('/')
  const [host, path] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)]
  const errors = host === '' || path === ''
    ? [at.invalid(key, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    : [
        ...isDNS1123Subdomain(host).map((sentence) => at.invalid(host, sentence)),
        ...(/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path) ? [] : [at.invalid(path, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')")]),
      ]
  const all = errors.map(({ field: where, message }) => `${where}: ${message}`)
  return all.length > 1 ? `[${all.join(', ')}]` : all[0]
}
