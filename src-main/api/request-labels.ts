import type { Labels } from '../base/metric-families.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { PathRoute, ResourceRoute } from './route.ts'

/** What else a client may call its method has no bound. */
export const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** CONNECT is what Kubernetes calls every verb of these. */
const connected = new Set(['attach', 'exec', 'portforward', 'proxy'])

/** What a request was about. They come from the kinds served, never from what a client made up, so their number is bounded. */
export function labelsOf(route: ResourceRoute | PathRoute | undefined, method: string): Labels {
  if (route?.type !== 'resource') {
    return { verb: method, dry_run: '', group: '', version: '', resource: '', subresource: documentOf(route), scope: '', component: 'apiserver' }
  }
  const { kind, subresource = '' } = route
  // what else such a path says, the client may have made up
  if (route.forwarded) return { verb: method, dry_run: '', group: kind.group, version: kind.version, resource: '', subresource: '', scope: '', component: 'apiserver' }
  return { verb: verbOf(route, method), dry_run: route.options.dryRun ? 'All' : '', group: kind.group, version: kind.version, resource: kind.plural, subresource, scope: scopeOf(route), component: 'apiserver' }
}

function verbOf({ verb, subresource }: ResourceRoute, method: string): string {
  if (subresource !== undefined && connected.has(subresource)) return 'CONNECT'
  if (verb === 'list' || verb === 'watch') return verb.toUpperCase()
  return method
}

export function scopeOf({ verb, name, namespace }: ResourceRoute): string {
  if (name !== undefined || verb === 'create') return 'resource'
  return namespace === undefined ? 'cluster' : 'namespace'
}

const documents = new Set(['/healthz', '/livez', '/readyz', '/metrics', '/version', '/openapi/v2', '/openapi/v3'])

/** Of a path that is about no object: itself, as far as it is one of those that exist. */
export const documentOf = (route: ResourceRoute | PathRoute | undefined): string => (route?.type === 'path' && documents.has(route.path) ? route.path : '')

export const resourceLabels = ({ group, version, plural }: AnyKind): Labels => ({ group, version, resource: plural })

/** Some metrics do not tell dry runs apart. */
export function inEarnest({ dry_run: _dryRun, ...labels }: Labels): Labels {
  return labels
}
