import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { StatusError } from '../kinds/status-error.ts'
import { negotiate, type Wanted } from './negotiate.ts'
import { statusOf, type Exchange } from './respond.ts'
import type { ResourceRoute } from './route.ts'
import type { Verbs, WatchHandle } from './verbs.ts'
import { errorEvent, eventEncoder, httpOutlet, type Outlet, webSocketOutlet, WatchQueue } from './watch-stream.ts'

export interface WatchDependencies {
  readonly verbs: Verbs
  readonly clock: Clock
  readonly log: Logger
}

/** kube-apiserver's --min-request-timeout: a watch that sets no limit ends after this, or up to twice this, long. */
const minTimeoutSeconds = 1800

/** Answers with a line per event until somebody ends it. Rejects before the answer has begun. */
export async function serveWatch(route: ResourceRoute, to: Exchange, deps: WatchDependencies): Promise<void> {
  const { res } = to
  let queue: WatchQueue | undefined
  res.on('drain', () => queue?.drained())
  await stream(route, to.wanted, deps, {
    outlet: httpOutlet(res),
    open() {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
      res.flushHeaders()
    },
    onGone: (gone) => res.on('close', gone),
    use: (made) => (queue = made),
  })
}

const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

/** The same stream, one frame an event. */
export async function upgradeWatch(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, deps: WatchDependencies): Promise<void> {
  const wanted = negotiate(req.headers.accept)
  const ws = await new Promise<Parameters<typeof webSocketOutlet>[0]>((resolve) => webSockets.handleUpgrade(req, socket, head, resolve))
  let queue: WatchQueue | undefined
  ws.on('error', () => ws.terminate())
  await stream(route, wanted, deps, {
    outlet: webSocketOutlet(ws, () => queue?.drained()),
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

async function stream(route: ResourceRoute, wanted: Wanted, deps: WatchDependencies, ends: Ends): Promise<void> {
  const { kind, options } = route
  const stops: Array<() => void> = []
  let closed = false
  const queue = new WatchQueue(ends.outlet, () => {
    closed = true
    for (const stop of stops) stop()
  })
  ends.use(queue)
  ends.onGone(() => queue.close())
  const encode = eventEncoder({
    kind, wanted, includeObject: options.includeObject, clock: deps.clock,
    bookmarks: options.allowWatchBookmarks || options.sendInitialEvents === true,
  })
  const early: Buffer[] = []
  let opened = false
  let handle: WatchHandle
  try {
    handle = await deps.verbs.watch(kind, requestOf(route), (told) => {
      const event = encode(told)
      if (!event) return
      if (opened) queue.push(event)
      else early.push(event)
    })
  } catch (error) {
    // too old a version is told inside the stream, as kube-apiserver does; anything else before it begins
    const tell = ends.errorsAsEvents || (error instanceof StatusError && error.code === 410)
    if (!tell) throw error
    ends.open()
    queue.push(errorEvent(statusOf(error, deps.log)))
    queue.end()
    return
  }
  if (closed) return handle.close()
  stops.push(() => handle.close())
  ends.open()
  opened = true
  for (const event of early) queue.push(event)
  queue.began()
  const seconds = options.timeoutSeconds || minTimeoutSeconds * (1 + Math.random())
  if (!closed) stops.push(deps.clock.after(seconds * 1000, () => queue.end()))
}

function requestOf({ namespace, name, options }: ResourceRoute) {
  // the legacy watch of one object
  const one = name === undefined ? [] : [{ key: 'metadata.name', operator: '=' as const, values: [name] }]
  const { labelSelector, fieldSelector = [], resourceVersion, sendInitialEvents } = options
  return { namespace, labelSelector, fieldSelector: [...fieldSelector, ...one], resourceVersion, sendInitialEvents }
}
