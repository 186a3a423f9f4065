import type { Attributes } from './authz.ts'
import { queryOf } from './query.ts'
import { flag } from './request-options.ts'

const verbs: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

/**
 * What a request is about by its path alone, whether or not there is such a thing: who may not have it is told that, and
 * not whether it exists. As RequestInfo of k8s.io/apiserver; what cannot be decoded counts as it was sent.
 */
export function askedOf(method: string, url: string): Attributes {
  const [path = '/'] = url.split('?', 1)
  const [prefix, ...steps] = decoded(path).replaceAll(/^\/+|\/+$/g, '').split('/')
  const group = prefix === 'apis' ? steps.shift() : prefix === 'api' ? '' : undefined
  const version = steps.shift()
  const watching = steps[0] === 'watch' && steps.length > 1
  let parts = watching ? steps.slice(1) : steps
  if (group === undefined || version === undefined || parts.length === 0) return { verb: method.toLowerCase(), path }
  const namespace = parts[0] === 'namespaces' ? parts[1] : undefined
  if (namespace !== undefined && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize') parts = parts.slice(2)
  const [resource = '', name, subresource] = parts
  const verb = watching || (!name && method === 'GET' && flag(queryOf(url), 'watch')) ? 'watch' : (verbs[method] ?? '')
  const ofMany: Readonly<Record<string, string>> = { get: 'list', delete: 'deletecollection' }
  return { verb: name ? verb : (ofMany[verb] ?? verb), group, version, resource, subresource, namespace, name }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
