import type { APIService } from '../kinds/generated/types.ts'
import type { AnyKind, Verb } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { badRequest, methodNotAllowed, methodNotSupported, notFound, pathNotFound } from '../kinds/status-error.ts'
import { queryOf } from './query.ts'
import { parseOptions, type RequestOptions } from './request-options.ts'
import { subresourcesOf } from './subresource-list.ts'

/** A request about objects of one kind. */
export interface ResourceRoute {
  readonly type: 'resource'
  readonly verb: Verb
  readonly kind: AnyKind
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** Behind `/proxy`, as it was sent; empty when there is nothing behind it. */
  readonly tail?: string
  readonly options: RequestOptions
  readonly query: URLSearchParams
  /** An extension server answers it; `kind` says no more than the path does then. */
  readonly forwarded?: Readonly<APIService>
}

/** A request for a document: discovery, OpenAPI, version, health. */
export interface PathRoute {
  readonly type: 'path'
  /** Without a trailing slash; `/` alone is the root. */
  readonly path: string
  readonly query: URLSearchParams
  readonly forwarded?: Readonly<APIService>
}

/**
 * What a request is about. Pure: reads nothing but its arguments.
 *
 * @param url  as it stands in the request line
 * @throws StatusError 400 for a malformed URL or option, 404 for an unknown kind, 405 for a verb the kind does not serve
 */
export function parseRoute(method: string, url: string, kinds: Pick<Kinds, 'find'>): ResourceRoute | PathRoute {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = queryOf(url)
  const steps = path.split('/').slice(1)
  const prefix = steps[0] === 'api' ? 2 : steps[0] === 'apis' ? 3 : Infinity
  if (steps.length <= prefix || steps[prefix] === '') {
    return { type: 'path', path: path === '/' ? path : path.replace(/\/+$/, ''), query }
  }
  const group = prefix === 2 ? '' : decodeSegment(steps[1]!)
  const place = locate(kinds, group, decodeSegment(steps[prefix - 1]!), steps.slice(prefix))
  const options = parseOptions(query, method)
  // one object is watched by its name among the others; asked for itself it is read
  const watching = place.watching || (options.watch && place.name === undefined)
  const verb = verbOf(method, place, watching)
  return {
    type: 'resource', verb, query,
    kind: place.kind, namespace: place.namespace, name: place.name, subresource: place.subresource, tail: place.tail,
    options: watching === options.watch ? options : { ...options, watch: watching },
  }
}

interface Place {
  readonly kind: AnyKind
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  readonly tail?: string
  readonly watching: boolean
}

/** `[watch/][namespaces/<namespace>/]<plural>[/<name>[/<subresource>[/...]]]` */
function locate(kinds: Pick<Kinds, 'find'>, group: string, version: string, steps: readonly string[]): Place {
  const watching = steps[0] === 'watch'
  let rest = watching ? steps.slice(1) : steps
  let namespace: string | undefined
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== '' && !(rest.length === 3 && isNamespaceSubresource(rest[2]!))) {
    namespace = decodeSegment(rest[1]!)
    rest = rest.slice(2)
  }
  const plural = decodeSegment(rest[0] ?? '')
  const kind = kinds.find(group, version, plural)
  if (!kind || (namespace !== undefined && !kind.namespaced)) throw pathNotFound()
  const [name, subresource] = rest.slice(1, 3).map(decodeSegment)
  if (!name) return { kind, namespace, watching }
  if (kind.namespaced && namespace === undefined) throw pathNotFound()
  const known = subresource === 'proxy' || rest.length <= (subresource ? 3 : 4)
  if (!known || (rest.length > 3 && !subresource)) throw pathNotFound()
  if (!subresource) return { kind, namespace, name, watching }
  if (!subresourcesOf(kind).some((s) => s.name === subresource)) throw kind.custom ? notFound(kind, name) : pathNotFound()
  const tail = rest.length > 3 ? `/${rest.slice(3).join('/')}` : ''
  return { kind, namespace, name, subresource, tail, watching: false }
}

const isNamespaceSubresource = (step: string): boolean => step === 'status' || step === 'finalize'

const itemVerbs: Readonly<Record<string, Verb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const collectionVerbs: Readonly<Record<string, Verb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' }
const everywhereVerbs: Readonly<Record<string, Verb>> = { GET: 'list' }
const subresourceVerbs: Readonly<Record<string, Verb>> = { ...itemVerbs, HEAD: 'get', OPTIONS: 'get', POST: 'create' }

/** Custom resources are served by whatever the request says, which of built-in kinds only some of the paths are. */
function ofCustom(method: string, name: string | undefined, everywhere: boolean): Verb | undefined {
  if (method === 'HEAD') return name === undefined ? 'list' : 'get'
  if (everywhere) return undefined
  if (method === 'POST') return 'create'
  if (name === undefined && (method === 'PUT' || method === 'PATCH')) throw badRequest('name must be provided')
  return undefined
}

function verbOf(method: string, place: Place, watching: boolean): Verb {
  const { kind, namespace, name, subresource } = place
  if (subresource !== undefined) {
    const verb = subresourceVerbs[method]
    const served = subresourcesOf(kind).find((s) => s.name === subresource)?.verbs
    if (!verb || !served?.includes(verb) || ((method === 'HEAD' || method === 'OPTIONS') && subresource !== 'proxy')) {
      throw kind.custom ? methodNotSupported(kind, verb ?? '') : methodNotAllowed()
    }
    return verb
  }
  const everywhere = kind.namespaced && namespace === undefined
  const possible = name !== undefined ? itemVerbs : everywhere ? everywhereVerbs : collectionVerbs
  const verb = watching && method === 'GET' ? 'watch' : (possible[method] ?? (kind.custom && ofCustom(method, name, everywhere)))
  if (verb && kind.verbs.includes(verb)) return verb
  // where nothing is served of a custom resource, its server is not asked at all
  const none = (kind.custom && everywhere) || !Object.values(possible).some((served) => kind.verbs.includes(served))
  if (none) throw pathNotFound()
  throw kind.custom ? methodNotSupported(kind, '') : methodNotAllowed()
}

const notInSegments = /[/%\\\p{Cc}]/u

/** Decodes one path segment once, and refuses what would be more than one segment: rest/validation's path segment rules. */
export function decodeSegment(segment: string): string {
  let text: string
  try {
    text = decodeURIComponent(segment)
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`)
  }
  if (text === '.' || text === '..') throw badRequest(`Invalid value: ${JSON.stringify(text)}: may not be '${text}'`)
  const wrong = notInSegments.exec(text)?.[0]
  if (wrong !== undefined) throw badRequest(`Invalid value: ${JSON.stringify(text)}: may not contain '${JSON.stringify(wrong).slice(1, -1)}'`)
  return text
}
