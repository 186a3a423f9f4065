import type { AnyKind } from '../kinds/kind.ts'
import type { ParameterMaker, Parameters } from './openapi-parameters.ts'
import type { Dialect, Json } from './openapi-schema.ts'

/** What is said of all kinds of one document. */
export interface Saying {
  readonly dialect: Dialect
  readonly parameters: Parameters
  readonly make: ParameterMaker
}

export const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 401: 'Unauthorized' }

export const contentOf = (schema: Json, media: readonly string[]): Json => Object.fromEntries(media.map((type) => [type, { schema }]))

const namespaceWords = 'object name and auth scope, such as for teams and projects'

/** The parts of a path that stand for something. */
export function placesOf(path: string, named: string, { make }: Saying): Json[] {
  const words: Readonly<Record<string, string>> = { name: `name of the ${named}`, namespace: namespaceWords, path: 'path to the resource' }
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => make.path(name, words[name] ?? ''))
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
/** `rbacAuthorization` of rbac.authorization.k8s.io: what tags and the names of operations call a group. */
export const groupWord = (group: string): string =>
  group.replace(/\.k8s\.io$/, '').split(/\W+/).map((part, at) => (at === 0 ? part : capital(part))).join('') || 'core'

export const groupTag = ({ group, version }: Pick<AnyKind, 'group' | 'version'>): string => `${groupWord(group)}_${version}`

/** As `readCoreV1NamespacedPodStatus`. */
export function operationId(verb: string, action: string, path: string, kind: AnyKind, subresource: string): string {
  const group = groupTag(kind).split('_').map(capital).join('')
  const begins = action === 'connect' ? verb.replace('connect', `connect${group}`) : verb + group
  const scope = path.includes('{namespace}') ? 'Namespaced' : ''
  const everywhere = kind.namespaced && scope === '' ? 'ForAllNamespaces' : ''
  const many = action === 'watchlist' ? 'List' : ''
  return `${begins}${action === 'deletecollection' ? 'Collection' : ''}${scope}${kind.kind}${many}${capital(subresource)}${everywhere}`
}
