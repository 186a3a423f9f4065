import type { Duplex, Readable, Writable } from 'node:stream'
import { errorMessage } from '../base/log.ts'
import type { Clock } from '../base/clock.ts'
import { pod as podKind } from '../kinds/core/pod.ts'
import { badRequest, internal, notFound } from '../kinds/status-error.ts'
import { type NodeDocument, nodeDocument, type NodeView } from './documents.ts'
import { limitBytes } from './log-lines.ts'
import { specOf } from './plan.ts'
import { type ContainerRuntime, latest, type ObservedContainer, type RuntimeSession } from './runtime.ts'
import type { PodWorker } from './worker.ts'

interface PodName {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

interface LogRequest {
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly timestamps?: boolean
  readonly limitBytes?: number
}

interface SessionRequest {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface Session {
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  readonly exited: Promise<number>
  close(): void
}

/** The kubelet's own door; structurally the NodeConnection of the API server. */
export interface Connection {
  logs(pod: PodName, container: string, options: LogRequest): Promise<Readable>
  exec(pod: PodName, container: string, options: SessionRequest & { readonly command: readonly string[] }): Promise<Session>
  attach(pod: PodName, container: string, options: SessionRequest): Promise<Session>
  connect(pod: PodName, port: number): Promise<Duplex>
  /** What stands at one of the kubelet's own paths; undefined when nothing does. */
  document(path: string): NodeDocument | undefined
}

export function serve(runtime: ContainerRuntime, workerOf: (uid: string) => PodWorker | undefined, clock: Clock, view: NodeView): Connection {
  const find = (pod: PodName): PodWorker => {
    const worker = workerOf(pod.uid)
    if (!worker) throw notFound(podKind, pod.name)
    return worker
  }
  return {
    async logs(pod, name, options) {
      const container = loggable(find(pod), name, options.previous ?? false)
      const since = sinceOf(options, clock.now())
      const stream = await runtime.logs(container.id, {
        follow: options.follow ?? false,
        timestamps: options.timestamps ?? false,
        tailLines: options.tailLines,
        since,
      })
      return options.limitBytes === undefined ? stream : limitBytes(stream, options.limitBytes)
    },
    async exec(pod, name, { command, ...options }) {
      const container = runningContainer(find(pod), name)
      return asked(await orInternal(() => runtime.exec(container.id, command, options)), options)
    },
    async attach(pod, name, options) {
      const worker = find(pod)
      const container = runningContainer(worker, name)
      const spec = specOf(worker.pod, name)
      const allowed = { tty: options.tty && spec?.tty === true, stdin: options.stdin && spec?.stdin === true }
      return asked(await orInternal(() => runtime.attach(container.id, allowed)), { ...options, ...allowed })
    },
    async connect(pod, port) {
      const { observed } = find(pod)
      if (!observed?.sandbox?.running) throw badRequest(`pod ${pod.name} is not running: nothing can answer on port ${port}`)
      return orInternal(() => runtime.connect(observed, port))
    },
    document: (path) => nodeDocument(path, view),
  }
}

async function orInternal<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw internal(errorMessage(error))
  }
}

function sinceOf({ sinceSeconds, sinceTime }: LogRequest, now: number): number | undefined {
  if (sinceTime !== undefined) return Date.parse(sinceTime) / 1000
  return sinceSeconds === undefined ? undefined : now / 1000 - sinceSeconds
}

function known(worker: PodWorker, name: string): void {
  if (!specOf(worker.pod, name)) throw badRequest(`container ${name} is not valid for pod ${worker.pod.metadata.name}`)
}

function loggable(worker: PodWorker, name: string, previous: boolean): ObservedContainer {
  known(worker, name)
  const podName = worker.pod.metadata.name ?? ''
  const current = latest(worker.observed, name)
  if (previous) {
    const before = worker.observed?.containers.find((c) => c.name === name && c.attempt === (current?.attempt ?? 0) - 1)
    const ended = before ?? (current?.state === 'exited' && waits(worker, name) ? current : undefined)
    if (!ended) throw badRequest(`previous terminated container "${name}" in pod "${podName}" not found`)
    return ended
  }
  if (current && current.state !== 'created') return current
  const waiting = statusOf(worker, name)?.state?.waiting
  throw badRequest(`container "${name}" in pod "${podName}" is waiting to start: ${waiting?.message ?? waiting?.reason ?? 'ContainerCreating'}`)
}

const statusOf = (worker: PodWorker, name: string) =>
  [...(worker.status?.containerStatuses ?? []), ...(worker.status?.initContainerStatuses ?? []), ...(worker.status?.ephemeralContainerStatuses ?? [])].find((s) => s.name === name)
const waits = (worker: PodWorker, name: string): boolean => statusOf(worker, name)?.state?.waiting !== undefined

function runningContainer(worker: PodWorker, name: string): ObservedContainer {
  known(worker, name)
  const current = latest(worker.observed, name)
  if (current?.state === 'running') return current
  throw internal(`unable to upgrade connection: container not found ("${name}")`)
}

/** Only the streams that were asked for; the others are read and dropped, so that the command never blocks. */
function asked(session: RuntimeSession, { stdin, stdout, stderr, tty }: SessionRequest): Session {
  if (!stdout) session.stdout.resume()
  if (!stderr) session.stderr?.resume()
  return {
    ...(stdin && session.stdin ? { stdin: session.stdin as Writable } : {}),
    ...(stdout ? { stdout: session.stdout } : {}),
    ...(stderr && !tty && session.stderr ? { stderr: session.stderr } : {}),
    resize: (columns, rows) => session.resize(columns, rows),
    exited: session.exited,
    close: () => session.close(),
  }
}
