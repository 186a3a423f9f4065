import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { goTimeMistake } from '../../base/go-time.ts'
import type { FieldError } from '../../kinds/field-error.ts'
import { field } from '../../kinds/field-error.ts'
import { wrongLeaf } from '../../kinds/schema-values.ts'
import { badRequest, invalid } from '../../kinds/status-error.ts'
import type { LogOptions } from '../node-connection.ts'
import { flag } from '../request-options.ts'
import type { ResourceRoute } from '../route.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { containerOf, type PodDoors, readPod, targetOf } from './pod-target.ts'

/** Answers with a container's log as plain text; with `follow`, until the container or the client ends it. */
export async function serveLog(route: ResourceRoute, _req: IncomingMessage, res: ServerResponse, doors: PodDoors): Promise<void> {
  const log = await openLog(route, doors)
  if (!log) return void res.writeHead(204).end()
  if (res.destroyed) return void log.destroy()
  res.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' })
  res.flushHeaders()
  try {
    await pipeline(log, res)
  } catch (error) {
    // the client went away, which is how following ends; what the node reports cuts the answer short instead
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') res.destroy()
  }
}

/**
 * The log that a request asks for; undefined while its pod has no node: as in Kubernetes, it has said nothing yet.
 *
 * @throws StatusError
 */
export async function openLog(route: ResourceRoute, doors: PodDoors): Promise<Readable | undefined> {
  const { name = '', namespace, query } = route
  const options = logOptions(query, name)
  const pod = await readPod(route.kind, { namespace, name }, doors)
  const container = containerOf(pod, query.get('container'))
  if (!pod.spec?.nodeName) return undefined
  const { ref, node } = targetOf(pod, doors)
  return node.logs(ref, container, options)
}

/** @throws StatusError 400 or 422, as PodLogOptions are checked by Kubernetes */
export function logOptions(query: URLSearchParams, name: string): LogOptions {
  const sinceTime = query.get('sinceTime') || undefined
  if (sinceTime !== undefined && wrongLeaf(sinceTime, { type: 'time' })) throw badRequest(goTimeMistake(sinceTime))
  const options: LogOptions = {
    follow: flag(query, 'follow') ?? false,
    previous: flag(query, 'previous') ?? false,
    timestamps: flag(query, 'timestamps') ?? false,
    tailLines: integer(query, 'tailLines'),
    sinceSeconds: integer(query, 'sinceSeconds'),
    limitBytes: integer(query, 'limitBytes'),
    sinceTime,
  }
  const errors = mistakes(options)
  // of PodLogsQuerySplitStreams, which is off in Kubernetes 1.36
  if (query.has('stream')) errors.push(field('stream').forbidden('may not be specified'))
  if (errors.length > 0) throw invalid({ group: '', plural: 'podlogoptions', kind: 'PodLogOptions' }, name, errors)
  return options
}

function mistakes({ tailLines, sinceSeconds, limitBytes, sinceTime }: LogOptions): FieldError[] {
  const errors: FieldError[] = []
  if (tailLines !== undefined && tailLines < 0) errors.push(field('tailLines').negative(tailLines))
  if (limitBytes !== undefined && limitBytes < 1) errors.push(field('limitBytes').invalid(limitBytes, 'must be greater than 0'))
  if (sinceSeconds !== undefined && sinceTime !== undefined) {
    errors.push(field().forbidden('at most one of `sinceTime` or `sinceSeconds` may be specified'))
  } else if (sinceSeconds !== undefined && sinceSeconds < 1) errors.push(field('sinceSeconds').invalid(sinceSeconds, 'must be greater than 0'))
  return errors
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (!text) return undefined
  if (!/^[-+]?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
