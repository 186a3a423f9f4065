import type { AnyKind } from '../kinds/kind.ts'
import { Histogram, type Family, type Labels, type Sample } from './exposition.ts'
import { isLongRunning, type RequestFacts } from './request-facts.ts'
import type { PathRoute, ResourceRoute } from './route.ts'

/** Seconds; as in k8s.io/apiserver/pkg/endpoints/metrics. */
const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** One combination of labels. They come from the kinds served, never from what a client made up, so their number is bounded. */
interface Series {
  readonly labels: Labels
  readonly codes: Map<number, number>
  readonly durations: Histogram
  running: number
}

/** Counts every request by what it was about: a few map look-ups each. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>()
  readonly #events = new Map<AnyKind, number>()

  /** A request that runs long has begun; call the returned function at its end. */
  running(facts: RequestFacts): () => void {
    const series = this.#seriesOf(facts)
    series.running++
    return () => series.running--
  }

  /** A request has ended; only those that do not run long by nature have a duration worth knowing. */
  ended(facts: RequestFacts, code: number): void {
    const { codes, durations } = this.#seriesOf(facts)
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (!facts.route || !isLongRunning(facts.route)) durations.observe((performance.now() - facts.began) / 1000)
  }

  /** A watcher was told of something. */
  watchEvent(kind: AnyKind): void {
    this.#events.set(kind, (this.#events.get(kind) ?? 0) + 1)
  }

  families(): Family[] {
    const all = [...this.#series.values()]
    const ended = all.filter(({ codes }) => codes.size > 0)
    return [
      {
        name: 'apiserver_request_total', type: 'counter',
        help: 'Counter of apiserver requests broken out for each verb, group, version, resource, scope, component, and HTTP response code.',
        samples: ended.flatMap(({ labels, codes }) => [...codes].map(([code, value]) => ({ labels: { ...labels, code: String(code) }, value }))),
      },
      {
        name: 'apiserver_request_duration_seconds', type: 'histogram',
        help: 'Response latency distribution in seconds for each verb, group, version, resource, subresource, scope and component.',
        samples: all.flatMap(({ labels, durations }) => (durations.isEmpty ? [] : durations.samples(labels))),
      },
      {
        name: 'apiserver_longrunning_requests', type: 'gauge',
        help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.',
        samples: all.filter(({ running }) => running > 0).map(({ labels, running }) => ({ labels, value: running })),
      },
      {
        name: 'apiserver_watch_events_total', type: 'counter', help: 'Number of events sent in watch clients',
        samples: [...this.#events].map(([{ group, version, plural }, value]): Sample => ({ labels: { group, version, resource: plural }, value })),
      },
    ]
  }

  #seriesOf({ route, method: sent, applies }: RequestFacts): Series {
    const method = applies ? 'APPLY' : methods.has(sent) ? sent : 'other'
    const key = route?.forwarded ? `${method} apis/${route.forwarded.metadata.name}` : route?.type === 'resource'
      ? `${route.verb} ${route.kind.apiVersion} ${route.kind.plural} ${route.subresource ?? ''} ${route.name === undefined ? '' : 'n'}${route.namespace === undefined ? '' : 's'}${route.options.dryRun ? 'd' : ''} ${method}`
      : `${method} ${documentOf(route)}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = { labels: labelsOf(route, method), codes: new Map(), durations: new Histogram(durationBuckets), running: 0 }))
    return series
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** CONNECT is what Kubernetes calls every verb of these. */
const connected = new Set(['attach', 'exec', 'portforward', 'proxy'])

function labelsOf(route: ResourceRoute | PathRoute | undefined, method: string): Labels {
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

function scopeOf({ verb, name, namespace }: ResourceRoute): string {
  if (name !== undefined || verb === 'create') return 'resource'
  return namespace === undefined ? 'cluster' : 'namespace'
}

const documents = new Set(['/healthz', '/livez', '/readyz', '/metrics', '/version', '/openapi/v2', '/openapi/v3'])

/** Of a path that is about no object: itself, as far as it is one of those that exist. */
const documentOf = (route: ResourceRoute | PathRoute | undefined): string => (route?.type === 'path' && documents.has(route.path) ? route.path : '')
