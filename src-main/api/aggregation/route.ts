import type { APIService } from '../../kinds/apiregistration/api-service.ts'
import { type AnyKind, defineKind, type Verb } from '../../kinds/kind.ts'
import { methodNotAllowed, pathNotFound } from '../../kinds/status-error.ts'
import { queryOf } from '../query.ts'
import { parseOptions } from '../request-options.ts'
import { decodeSegment, type PathRoute, type ResourceRoute } from '../route.ts'

/** A request that an extension server answers. */
export type ForwardedRoute = (ResourceRoute | PathRoute) & { readonly forwarded: Readonly<APIService> }

export const isForwarded = (route: ResourceRoute | PathRoute): route is ForwardedRoute => route.forwarded !== undefined

/**
 * What a request below an aggregated group version asks for, as far as authorization needs to know: k8s.io/apiserver's
 * RequestInfo. Undefined when it is below none. Pure.
 *
 * @throws StatusError 400 for a path that could be read in two ways, 405 for a method that no API has
 */
export function forwardedRoute(method: string, url: string, find: (group: string, version: string) => Readonly<APIService> | undefined): ForwardedRoute | undefined {
  if (!url.startsWith('/apis/')) return undefined
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const [, , group = '', version = '', ...rest] = path.split('/')
  const forwarded = find(group, version)
  if (!forwarded) return undefined
  const query = queryOf(url)
  const steps = rest.map(decodeSegment)
  // an empty segment in between is read in as many ways as there are servers
  if (steps.slice(0, -1).includes('')) throw pathNotFound()
  if (!steps[0]) return { type: 'path', path: `/apis/${group}/${version}`, query, forwarded }
  return { type: 'resource', query, ...placeOf(group, version, steps, method, query), forwarded }
}

function placeOf(group: string, version: string, all: readonly string[], method: string, query: URLSearchParams): Omit<ResourceRoute, 'type' | 'query'> {
  const oldWatch = all[0] === 'watch'
  const steps = oldWatch ? all.slice(1) : all
  // a namespace's own subresources are of no extension server
  const within = steps[0] === 'namespaces' && steps.length > 2
  const [plural = '', name, subresource] = within ? steps.slice(2) : steps
  const watching = oldWatch || (name === undefined && /^(true|1)$/.test(query.get('watch') ?? ''))
  const selectors = new URLSearchParams([...query].filter(([key]) => key === 'fieldSelector' || key === 'labelSelector'))
  return {
    verb: verbOf(method, name || undefined, watching),
    kind: unknownKind(group, version, plural, within),
    ...(within ? { namespace: steps[1] } : {}),
    ...(name ? { name } : {}),
    ...(subresource ? { subresource } : {}),
    options: { ...parseOptions(selectors), watch: watching },
  }
}

function verbOf(method: string, name: string | undefined, watching: boolean): Verb {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return watching ? 'watch' : name === undefined ? 'list' : 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete'
    default:
      throw methodNotAllowed()
  }
}

/** All that is known of it here is what the path says. */
const unknownKind = (group: string, version: string, plural: string, namespaced: boolean): AnyKind =>
  defineKind({ group, version, kind: plural, plural, namespaced, schema: '' })
