import type { KubeObject } from '../kinds/meta.ts'
import type { RequestFacts } from './request-facts.ts'
import { flag } from './request-options.ts'
import type { ResourceRoute } from './route.ts'
import { sentType } from './subresource-list.ts'
import type { User, Verbs } from './verbs.ts'

const flags = ['stdin', 'stdout', 'stderr', 'tty'] as const
const connections: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy'])

/**
 * Asks admission whether the connection may be opened that the route is about, and answers with the route as admission
 * wants it.
 *
 * @param warnings  gets what admission tells the client
 * @throws StatusError
 */
export async function admittedConnection(route: ResourceRoute, user: User, facts: RequestFacts, verbs: Pick<Verbs, 'connect'>, warnings: string[] = []): Promise<ResourceRoute> {
  const { kind, namespace, name = '', subresource } = route
  if (!subresource || !connections.has(subresource)) return route
  const type = sentType(kind, subresource)
  if (!type) return route
  const options = { kind: type.kind, apiVersion: type.apiVersion, ...optionsOf(route) } as unknown as KubeObject
  const before = JSON.stringify(options)
  await verbs.connect(kind, { namespace, name }, subresource, options, { user, verb: route.verb, warnings, audit: facts.annotations })
  return JSON.stringify(options) === before ? route : { ...route, query: withOptions(route.query, options) }
}

function optionsOf({ subresource, query, tail }: ResourceRoute): object {
  if (subresource === 'proxy') return tail ? { path: tail } : {}
  if (subresource === 'portforward') {
    const ports = query.getAll('ports').flatMap((text) => text.split(',')).map(Number).filter(Number.isInteger)
    return ports.length > 0 ? { ports } : {}
  }
  const container = query.get('container')
  return {
    ...Object.fromEntries(flags.filter((name) => flag(query, name)).map((name) => [name, true])),
    ...(container ? { container } : {}),
    ...(subresource === 'exec' ? { command: query.getAll('command') } : {}),
  }
}

function withOptions(query: URLSearchParams, options: object): URLSearchParams {
  const next = new URLSearchParams(query)
  const { container, command, ...said } = options as { container?: unknown; command?: unknown } & Partial<Record<(typeof flags)[number], unknown>>
  for (const name of flags) next.set(name, String(said[name] === true))
  if (typeof container === 'string') next.set('container', container)
  else next.delete('container')
  if (Array.isArray(command)) {
    next.delete('command')
    for (const word of command) next.append('command', String(word))
  }
  return next
}
