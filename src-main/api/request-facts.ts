import type { Status } from '../kinds/generated/types.ts'
import type { PathRoute, ResourceRoute } from './route.ts'
import type { User } from './verbs.ts'

/** What is known of a request while it is answered: for the limits, the metrics and the audit log. Filled in as it becomes known. */
export interface RequestFacts {
  readonly method: string
  /** Milliseconds of the process' own clock. */
  readonly began: number
  /** Who asked; absent until authenticated. */
  user?: User
  /** Whom they acted as, when that is somebody else. */
  actingAs?: User
  route?: ResourceRoute | PathRoute
  /** The decision's reason, once there is one. */
  decision?: { readonly allowed: boolean; readonly reason: string }
  /** What it was refused with. */
  refusal?: Status
  /** Names the request in the audit log, when there is one. */
  auditId?: string
  /** What admission says of the request to the audit log, when there is one. */
  annotations?: Record<string, string>
}

export const beginFacts = (method = 'GET'): RequestFacts => ({ method, began: performance.now() })

const longSubresources = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

/** As kube-apiserver's BasicLongRunningRequestCheck: these have no deadline and take no place among the requests in flight. */
export const isLongRunning = (route: ResourceRoute | PathRoute): boolean =>
  route.type === 'resource' && (route.verb === 'watch' || (route.subresource !== undefined && longSubresources.has(route.subresource)))

/** Somebody who looks whether the server lives is always answered, as kube-apiserver's `probes` flow schema is exempt. */
export const isProbe = (route: ResourceRoute | PathRoute): boolean => route.type === 'path' && /^\/(healthz|livez|readyz)(\/|$)/.test(route.path)

export const isReadOnly = (route: ResourceRoute | PathRoute, method: string): boolean =>
  route.type === 'path' ? method === 'GET' || method === 'HEAD' : route.verb === 'get' || route.verb === 'list' || route.verb === 'watch'
