import type { Impersonated } from './auth/impersonation-modes.ts'
import type { Status } from '../kinds/generated/types.ts'
import type { PathRoute, ResourceRoute } from './route.ts'
import type { User } from './verbs.ts'

/** What it waited for that is not the server's own work. */
export interface Waits {
  /** Milliseconds: for its turn, and for webhooks. */
  waitedMs?: number
}

/** What is known of a request while it is answered: for the limits, the metrics and the audit log. Filled in as it becomes known. */
export interface RequestFacts extends Waits {
  readonly method: string
  /** A patch that is applied, as its media type says. */
  readonly applies: boolean
  /** Milliseconds of the process' own clock. */
  readonly began: number
  /** When it will be answered at the latest, by the same clock; absent for one that runs long. */
  until?: number
  /** Who asked; absent until authenticated. */
  user?: User
  /** Whom they acted as, when that is somebody else. */
  impersonated?: Impersonated | undefined
  route?: ResourceRoute | PathRoute
  /** The decision's reason, once there is one. */
  decision?: { readonly allowed: boolean; readonly reason: string }
  /** The name of what it created, for the audit log. */
  created?: string
  /** What it was refused with. */
  refusal?: Status
  /** The server has ended it in self-defence, with this code. */
  terminated?: number
  /** Its answer had begun when its time was over, and was cut off. */
  aborted?: boolean
  /** Names the request in the audit log, when there is one. */
  auditId?: string
  /** Where it came from, for the audit log, when there is one. */
  sourceIPs?: readonly string[]
  /** What admission says of the request to the audit log, when there is one. */
  annotations?: Record<string, string>
  /** Gives a watch's seat back, once it has begun. */
  leaveSeat?: () => void
}

export const beginFacts = (method = 'GET', contentType = ''): RequestFacts => ({ method, applies: method === 'PATCH' && contentType.startsWith('application/apply-patch'), began: performance.now() })

const longSubresources = new Set(['attach', 'exec', 'proxy', 'log', 'portforward'])

export const isWatch = (route: ResourceRoute | PathRoute): boolean => route.type === 'resource' && route.verb === 'watch'

/** As kube-apiserver's BasicLongRunningRequestCheck: these have no deadline. */
export const isLongRunning = (route: ResourceRoute | PathRoute): boolean =>
  isWatch(route) || (route.type === 'resource' && route.subresource !== undefined && longSubresources.has(route.subresource))

export const isReadOnly = (route: ResourceRoute | PathRoute, method: string): boolean =>
  route.type === 'path' ? method === 'GET' || method === 'HEAD' : route.verb === 'get' || route.verb === 'list' || route.verb === 'watch'
