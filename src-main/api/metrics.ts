import type { ServerResponse } from 'node:http'
import { exponentialBuckets, Histogram, Histograms, type Family, type Labels, type Sample } from '../base/metric-families.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import { isLongRunning, type RequestFacts } from './request-facts.ts'
import { documentOf, inEarnest, labelsOf, methods, resourceLabels, scopeOf } from './request-labels.ts'
import type { PathRoute, ResourceRoute } from './route.ts'

/** Seconds; as in k8s.io/apiserver/pkg/endpoints/metrics. */
const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const indicatorBuckets = durationBuckets.slice(2)
/** Bytes; likewise. */
const sizeBuckets = exponentialBuckets(1000, 10, 7)
const eventSizeBuckets = exponentialBuckets(1024, 2, 8)

/** What these verbs are called where bodies are counted. */
const writing: Readonly<Record<string, string>> = { create: 'create', update: 'update', patch: 'patch', delete: 'delete', deletecollection: 'delete_collection' }

const watchListBuckets = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60]

/** Bytes; as in k8s.io/apiserver/pkg/endpoints/handlers/metrics. */
const bodyBuckets = Array.from({ length: 31 }, (_, n) => 50_000 + n * 100_000)

/** One combination of labels. */
interface Series {
  readonly labels: Labels
  readonly codes: Map<number, number>
  readonly durations: Histogram
  /** Without what it waited for its turn, and for webhooks; absent where nothing is done in earnest. */
  readonly indicators?: Histogram
  /** Of what reads. */
  readonly sizes?: Histogram
  /** What the server ended in self-defence, by the code. */
  readonly terminations: Map<number, number>
  /** Of what was sent in order to be written. */
  readonly bodies?: Histogram
  /** How many answers were cut off. */
  aborts: number
  /** About a version that Kubernetes gives up, and may be asked for. */
  readonly deprecated?: Labels
  asked: boolean
  /** How many that run long do so now; none has begun yet where it is not said. */
  running?: number
}

/** Counts every request by what it was about: a few map look-ups each. */
export class RequestMetrics {
  readonly #series = new Map<string, Series>()
  readonly #events = new Map<AnyKind, Histogram>()
  readonly #bodies = new Histograms('apiserver_request_body_size_bytes', 'Apiserver request body size in bytes broken out by resource and verb.', bodyBuckets)
  readonly #watchLists = new Histograms('apiserver_watch_list_duration_seconds', 'Response latency distribution in seconds for watch list requests broken by group, version, resource and scope.', watchListBuckets)

  /** A request that runs long has begun; call the returned function at its end. */
  running(facts: RequestFacts): () => void {
    const series = this.#seriesOf(facts)
    series.running = (series.running ?? 0) + 1
    return () => void series.running!--
  }

  /** A request has ended; only those that do not run long by nature have a duration worth knowing. */
  ended(facts: RequestFacts, code: number, answer?: Pick<ServerResponse, 'getHeader'>, bodyBytes?: string): void {
    const series = this.#seriesOf(facts)
    const { codes, durations, indicators, sizes, terminations } = series
    codes.set(code, (codes.get(code) ?? 0) + 1)
    if (!facts.route || !isLongRunning(facts.route)) {
      const ms = performance.now() - facts.began
      durations.observe(ms / 1000)
      indicators?.observe((ms - (facts.waitedMs ?? 0)) / 1000)
    }
    if (sizes && answer) {
      // a stream does not know its length
      const length = answer.getHeader('content-length')
      if (length !== undefined) sizes.observe(Number(length))
    }
    if (series.bodies && bodyBytes !== undefined && facts.decision?.allowed) series.bodies.observe(Number(bodyBytes))
    if (facts.aborted) series.aborts++
    if (facts.terminated !== undefined) terminations.set(facts.terminated, (terminations.get(facts.terminated) ?? 0) + 1)
    else if (series.deprecated && facts.decision?.allowed) series.asked = true
  }

  /** A watcher was told of something, in so many bytes. */
  watchEvent(kind: AnyKind, bytes: number): void {
    let sizes = this.#events.get(kind)
    if (!sizes) this.#events.set(kind, (sizes = new Histogram(eventSizeBuckets)))
    sizes.observe(bytes)
  }

  /** A streaming list has told what there was. */
  watchListed(route: ResourceRoute, seconds: number): void {
    this.#watchLists.observe({ ...resourceLabels(route.kind), scope: scopeOf(route) }, seconds)
  }

  families(): Family[] {
    const all = [...this.#series.values()]
    const ended = all.filter(({ codes }) => codes.size > 0)
    return [
      {
        name: 'apiserver_request_total', type: 'counter',
        help: 'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
        samples: ended.flatMap(({ labels, codes }) => [...codes].map(([code, value]) => ({ labels: { ...labels, code: String(code) }, value }))),
      },
      {
        name: 'apiserver_request_duration_seconds', type: 'histogram',
        help: 'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
        samples: all.flatMap(({ labels, durations }) => (durations.isEmpty ? [] : durations.samples(labels))),
      },
      ...['slo', 'sli'].map((name): Family => ({
        name: `apiserver_request_${name}_duration_seconds`, type: 'histogram',
        help: 'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
        samples: all.flatMap(({ labels, indicators }) => (!indicators || indicators.isEmpty ? [] : indicators.samples(inEarnest(labels)))),
      })),
      {
        name: 'apiserver_response_sizes', type: 'histogram',
        help: 'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
        samples: all.flatMap(({ labels, sizes }) => (!sizes || sizes.isEmpty ? [] : sizes.samples(inEarnest(labels)))),
      },
      {
        name: 'apiserver_requested_deprecated_apis', type: 'gauge',
        help: 'Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
        samples: deprecatedOnes(all),
      },
      {
        name: 'apiserver_request_terminations_total', type: 'counter', help: 'Number of requests which apiserver terminated in self-defense.',
        samples: terminated(all),
      },
      {
        name: 'apiserver_request_aborts_total', type: 'counter', help: 'Number of requests which apiserver aborted possibly due to a timeout, for each group, version, verb, resource, subresource and scope',
        samples: summed(all.flatMap(({ labels, aborts }) => (aborts > 0 ? [{ labels: withoutComponent(inEarnest(labels)), value: aborts }] : []))),
      },
      this.#bodies.family(),
      {
        name: 'apiserver_longrunning_requests', type: 'gauge',
        help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
        samples: all.flatMap(({ labels, running }) => (running === undefined ? [] : [{ labels: inEarnest(labels), value: running }])),
      },
      {
        name: 'apiserver_watch_events_total', type: 'counter', help: 'Number of events sent in watch clients',
        samples: [...this.#events].map(([kind, { count }]): Sample => ({ labels: resourceLabels(kind), value: count })),
      },
      {
        name: 'apiserver_watch_events_sizes', type: 'histogram', help: 'Watch event size distribution in bytes',
        samples: [...this.#events].flatMap(([kind, sizes]) => sizes.samples(resourceLabels(kind))),
      },
      this.#watchLists.family(),
    ]
  }

  #seriesOf({ route, method: sent, applies }: RequestFacts): Series {
    const method = applies ? 'APPLY' : methods.has(sent) ? sent : 'other'
    const key = route?.forwarded ? `${method} apis/${route.forwarded.metadata.name}` : route?.type === 'resource'
      ? `${route.verb} ${route.kind.apiVersion} ${route.kind.plural} ${route.subresource ?? ''} ${route.name === undefined ? '' : 'n'}${route.namespace === undefined ? '' : 's'}${route.options.dryRun ? 'd' : ''} ${method}`
      : `${method} ${documentOf(route)}`
    let series = this.#series.get(key)
    if (!series) this.#series.set(key, (series = this.#seriesFor(route, method)))
    return series
  }

  #seriesFor(route: ResourceRoute | PathRoute | undefined, method: string): Series {
    const labels = labelsOf(route, method)
    const own = route?.type === 'resource' && !route.forwarded ? route : undefined
    const kind = own?.kind
    const writes = own && lookup(writing, own.verb)
    return {
      labels, codes: new Map(), durations: new Histogram(durationBuckets), terminations: new Map(), asked: false, aborts: 0,
      ...(labels['dry_run'] ? {} : { indicators: new Histogram(indicatorBuckets) }),
      ...((labels['verb'] === 'GET' || labels['verb'] === 'LIST') && !route?.forwarded ? { sizes: new Histogram(sizeBuckets) } : {}),
      ...(kind?.deprecation ? { deprecated: { ...resourceLabels(kind), subresource: labels['subresource'] ?? '', removed_release: kind.removedRelease ?? '' } } : {}),
      ...(kind && writes ? { bodies: this.#bodies.one({ group: kind.group, resource: kind.plural, verb: writes }) } : {}),
    }
  }
}

/** However many verbs and scopes it was asked for with. */
function deprecatedOnes(all: readonly Series[]): Sample[] {
  const asked = all.flatMap(({ deprecated, asked }) => (deprecated && asked ? [deprecated] : []))
  return [...new Map(asked.map((labels) => [JSON.stringify(labels), labels])).values()].map((labels) => ({ labels, value: 1 }))
}

/** Dry runs count among the others. */
const terminated = (all: readonly Series[]): Sample[] =>
  summed(all.flatMap(({ labels, terminations }) => [...terminations].map(([code, value]) => ({ labels: { ...inEarnest(labels), code: String(code) }, value }))))

function withoutComponent({ component: _component, ...labels }: Labels): Labels {
  return labels
}

/** One sample for each combination of labels. */
function summed(samples: readonly Sample[]): Sample[] {
  const sums = new Map<string, { labels: Labels; value: number }>()
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels)
    sums.set(key, { labels, value: value + (sums.get(key)?.value ?? 0) })
  }
  return [...sums.values()]
}

