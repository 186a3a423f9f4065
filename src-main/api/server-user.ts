import type { RequestContext, User } from './verbs.ts'

/** The API server itself, as its own controllers sign. */
export const server: User = { name: 'system:apiserver', groups: ['system:masters'] }

/** A write of the server's own. */
export const asServer = (): RequestContext => ({ user: server, fieldManager: 'kube-apiserver', warnings: [] })
