import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../base/clock.ts'
import { equalJson } from '../base/json.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Kinds, KindsChange } from '../kinds/kinds.ts'
import { notAcceptable, StatusError } from '../kinds/status-error.ts'
import { columnDescriptions } from './column-docs.ts'
import type { StreamCodec } from './codec.ts'
import { codecOf } from './codecs.ts'
import { formsOf } from './forms.ts'
import { negotiate, streamTypes, type Wanted } from './negotiate.ts'
import { setWarnings, statusOf, type Exchange } from './respond.ts'
import type { ResourceRoute } from './route.ts'
import { columnsOf } from './table.ts'
import type { Verbs, WatchHandle } from './verbs.ts'
import { errorEvent, eventEncoder, EventLine, httpOutlet, type Outlet, webSocketOutlet, WatchQueue } from './watch-stream.ts'

export interface WatchDependencies {
  readonly kinds: Pick<Kinds, 'subscribe'>
  readonly verbs: Verbs
  readonly clock: Clock
  readonly log: Logger
  /** Called once the watch has told what there is. */
  readonly begun?: () => void
  /** Called with the time it took when a streaming list has told what there is. */
  readonly listed?: (route: ResourceRoute, seconds: number) => void
  /** Called for each event that is sent. */
  readonly sent?: (kind: AnyKind, bytes: number) => void
  /** Called when a watcher is cut off that does not read. */
  readonly cutOff?: (kind: AnyKind) => void
}

/** kube-apiserver's --min-request-timeout: a watch that sets no limit ends after this, or up to twice this, long. */
const minTimeoutSeconds = 1800

/** Answers with events, in JSON a line each, until somebody ends it. Rejects before the answer has begun. */
export async function serveWatch(route: ResourceRoute, to: Exchange, deps: WatchDependencies): Promise<void> {
  const { res } = to
  const codec = streamCodecOf(to.wanted)
  let queue: WatchQueue | undefined
  res.on('drain', () => queue?.drained())
  await stream(route, to.wanted, codec, deps, {
    outlet: httpOutlet(res),
    open() {
      setWarnings(res, to.warnings)
      res.writeHead(200, { 'Content-Type': codec.mediaType, 'Cache-Control': 'no-cache, private' })
      res.flushHeaders()
    },
    onGone: (gone) => res.on('close', gone),
    use: (made) => (queue = made),
  })
}

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

/** The same stream, one frame an event. */
export async function upgradeWatch(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, deps: WatchDependencies): Promise<void> {
  const wanted = negotiate(req.headers.accept, formsOf(route))
  const codec = streamCodecOf(wanted)
  const ws = await new Promise<Parameters<typeof webSocketOutlet>[0]>((resolve) => webSockets.handleUpgrade(req, socket, head, resolve))
  let queue: WatchQueue | undefined
  ws.on('error', () => ws.terminate())
  await stream(route, wanted, codec, deps, {
    outlet: webSocketOutlet(ws, codec, () => queue?.drained()),
    open: () => undefined,
    onGone: (gone) => ws.on('close', gone),
    use: (made) => (queue = made),
    errorsAsEvents: true,
  })
}

interface Ends {
  readonly outlet: Outlet
  /** The watch stands: events follow. */
  open(): void
  onGone(gone: () => void): void
  use(queue: WatchQueue): void
  /** The answer has begun already, so that an error can only be an event. */
  readonly errorsAsEvents?: boolean
}

/** @throws StatusError 406 for a form that has no events */
function streamCodecOf(wanted: Wanted): StreamCodec {
  const { stream: codec } = codecOf(wanted)
  if (!codec) throw notAcceptable(streamTypes)
  return codec
}

async function stream(route: ResourceRoute, wanted: Wanted, codec: StreamCodec, deps: WatchDependencies, ends: Ends): Promise<void> {
  const { kind, options } = route
  const asked = performance.now()
  const stops: Array<() => void> = []
  let closed = false
  const destroy = (): void => {
    deps.cutOff?.(kind)
    ends.outlet.destroy()
  }
  const queue = new WatchQueue({ ...ends.outlet, destroy }, () => {
    closed = true
    for (const stop of stops) stop()
  })
  ends.use(queue)
  ends.onGone(() => queue.close())
  const encode = eventEncoder({
    kind, wanted, codec, includeObject: options.includeObject, clock: deps.clock,
    descriptions: wanted.as === 'Table' ? await columnDescriptions(kind, columnsOf(kind)) : undefined,
    bookmarks: options.allowWatchBookmarks,
  })
  const early: Buffer[] = []
  let opened = false
  const line = new EventLine((event) => {
    deps.sent?.(kind, event.length)
    if (opened) queue.push(event)
    else early.push(event)
  }, (error) => {
    deps.log.error('an event could not be written', { error: errorMessage(error) })
    ends.outlet.destroy()
  })
  const end = (error?: unknown): void => {
    if (error !== undefined) line.push(errorEvent(statusOf(error, deps.log), codec))
    line.then(() => queue.end())
  }
  let handle: WatchHandle
  try {
    handle = await deps.verbs.watch(kind, requestOf(route), (told) => {
      const event = encode(told)
      if (event) line.push(event)
    }, end)
  } catch (error) {
    // a version too old, or one that does not come about, is told inside the stream, as kube-apiserver does; anything else before it begins
    const tell = ends.errorsAsEvents || (error instanceof StatusError && (error.code === 410 || error.code === 504))
    if (!tell) throw error
    ends.open()
    opened = true
    return end(error)
  }
  if (closed) return handle.close()
  stops.push(() => handle.close())
  stops.push(deps.kinds.subscribe((change) => {
    if (isShownOtherwise(kind, change)) end()
  }))
  ends.open()
  opened = true
  for (const event of early) queue.push(event)
  line.then(() => queue.began())
  deps.begun?.()
  if (options.sendInitialEvents && options.allowWatchBookmarks) deps.listed?.(route, (performance.now() - asked) / 1000)
  const seconds = options.timeoutSeconds || minTimeoutSeconds * (1 + Math.random())
  if (!closed) stops.push(deps.clock.after(seconds * 1000, () => queue.end()))
}

/** As kube-apiserver: who watches objects whose definition goes, or describes them in another way, is to begin anew. */
function isShownOtherwise(kind: AnyKind, { added, removed }: KindsChange): boolean {
  const same = ({ apiVersion, plural }: AnyKind): boolean => apiVersion === kind.apiVersion && plural === kind.plural
  return removed.some(same) && !equalJson(added.find(same)?.custom?.definition, kind.custom?.definition)
}

function requestOf({ namespace, name, options }: ResourceRoute) {
  // the legacy watch of one object
  const one = name === undefined ? [] : [{ key: 'metadata.name', operator: '=' as const, values: [name] }]
  const { labelSelector, fieldSelector = [], resourceVersion, sendInitialEvents } = options
  return { namespace, labelSelector, fieldSelector: [...fieldSelector, ...one], resourceVersion, sendInitialEvents }
}
