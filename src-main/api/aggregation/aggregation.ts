import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { equalJson } from '../../base/json.ts'
import type { Family } from '../../base/metric-families.ts'
import type { QueueMetrics } from '../../base/queue-metrics.ts'
import { apiService, type APIService } from '../../kinds/apiregistration/api-service.ts'
import type { Kinds } from '../../kinds/kinds.ts'
import type { Store } from '../../store/store.ts'
import { follow } from '../auth/follow.ts'
import type { User } from '../verbs.ts'
import { watchAvailability } from './availability.ts'
import { type ExtensionDoors, ExtensionServers } from './extension-server.ts'
import { forward, forwardUpgrade, isAvailable } from './forward.ts'
import { ask, discovered, type DiscoveredResource } from './known-resources.ts'
import { keepLocalServices } from './local-services.ts'
import { defaultPriority, priorityOf, rank, type RankedGroup } from './priorities.ts'
import { type ForwardedRoute, forwardedRoute } from './route.ts'
import { AggregatedSpecs } from './specs.ts'

export interface AggregationOptions extends ExtensionDoors {
  readonly store: Store
  readonly kinds: Kinds
  readonly clock: Clock
  readonly log: Logger
  readonly queues?: QueueMetrics
}

/** A group version that an extension server answers, as discovery tells of it. */
export interface AggregatedVersion {
  readonly resources: readonly DiscoveredResource[]
  readonly freshness: 'Current' | 'Stale'
}

/** Extension API servers behind this one: what APIService objects with a service say. */
export interface Aggregation {
  /** @throws StatusError 400, 404 or 405 for a path that no API has */
  route(method: string, url: string): ForwardedRoute | undefined
  serve(route: ForwardedRoute, req: IncomingMessage, res: ServerResponse, user: User): Promise<void>
  upgrade(route: ForwardedRoute, req: IncomingMessage, socket: Duplex, head: Buffer, user: User): Promise<void>
  /** This server's groups and the aggregated ones, in the order of their priorities. */
  arrange(own: readonly RankedGroup[]): readonly RankedGroup[]
  /** Undefined when this server answers the group version itself. */
  version(group: string, version: string): AggregatedVersion | undefined
  readonly specs: AggregatedSpecs
  families(): Family[]
  close(): void
}

/** Follows the objects in the store, keeps those of this server's own group versions, and asks the others whether they are there. */
export async function createAggregation(options: AggregationOptions): Promise<Aggregation> {
  const { store, verbs, kinds, clock, log, queues } = options
  const servers = new ExtensionServers(options)
  const all = new Map<string, Readonly<APIService>>()
  const resources = new Map<string, readonly DiscoveredResource[]>()
  const find = (group: string, version: string): Readonly<APIService> | undefined => {
    const object = all.size > 0 ? all.get(`${version}.${group}`) : undefined
    return object?.spec?.service ? object : undefined
  }
  const specs = new AggregatedSpecs(() => [...all.values()].filter((object) => object.spec?.service && isAvailable(object)), servers, log)

  const subscription = await follow<APIService>(store, apiService, (object, old) => {
    const name = (object ?? old)?.metadata.name ?? ''
    if (object) all.set(name, object)
    else all.delete(name)
    if (object && old && isAvailable(object) !== isAvailable(old)) specs.touch()
    if (object && old && equalJson(object.spec, old.spec)) return
    resources.delete(name)
    servers.forget(name)
    specs.forget(name)
  })
  const local = await keepLocalServices(verbs, kinds, log)
  const availability = await watchAvailability({
    verbs, clock, log, queues,
    async probe(object) {
      const { group = '', version = '' } = object.spec ?? {}
      const body = await ask(object, `/apis/${group}/${version}`, 'application/json', servers)
      const found = discovered(body, group, version)
      if (!equalJson(found, resources.get(object.metadata.name ?? ''))) specs.touch()
      resources.set(object.metadata.name ?? '', found)
      await specs.refresh(object)
    },
  })
  const priority = (group: string, version: string) => {
    const object = all.get(`${version}.${group}`)
    return object ? priorityOf(object) : defaultPriority(group, version)
  }

  return {
    specs,
    route: (method, url) => forwardedRoute(method, url, find),
    serve: (route, req, res, user) => forward(route.forwarded, req, res, user, servers),
    upgrade: (route, req, socket, head, user) => forwardUpgrade(route.forwarded, req, socket, head, user, servers),
    arrange(own) {
      const groups = new Map(own.map(({ name, versions }) => [name, new Set(versions)]))
      for (const { spec } of all.values()) {
        if (!spec?.service || !spec.group || !spec.version) continue
        groups.set(spec.group, (groups.get(spec.group) ?? new Set()).add(spec.version))
      }
      return rank([...groups].map(([name, versions]) => ({ name, versions: [...versions] })), priority)
    },
    version(group, version) {
      const object = find(group, version)
      return object && { resources: resources.get(object.metadata.name ?? '') ?? [], freshness: isAvailable(object) ? 'Current' : 'Stale' }
    },
    families: () => availability.families(),
    close() {
      availability.close()
      local.close()
      subscription.close()
      servers.close()
    },
  }
}
