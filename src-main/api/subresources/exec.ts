import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorMessage } from '../../base/log.ts'
import type { Status } from '../../kinds/generated/types.ts'
import { badRequest, internal, StatusError } from '../../kinds/status-error.ts'
import type { ExecSession } from '../node-connection.ts'
import { flag } from '../request-options.ts'
import type { ResourceRoute } from '../route.ts'
import { type Channels, type ChannelsWanted, openChannels } from '../stream.ts'
import { containerOf, type PodDoors, podTarget } from './pod-target.ts'

/** Runs a command in a container, over SPDY or WebSocket. Rejects before the upgrade is answered. */
export async function upgradeExec(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, doors: PodDoors): Promise<void> {
  const { name = '', namespace, query } = route
  const command = query.getAll('command')
  if (command.length === 0) throw badRequest('you must specify at least 1 command for the container')
  const wanted = channelsWanted(query)
  const { pod, ref, node } = await podTarget(route.kind, { namespace, name }, doors)
  refuseCompleted(pod.status?.phase, 'exec')
  const container = containerOf(pod, query.get('container'))
  const channels = await openChannels(req, socket, head, wanted)
  await connect(channels, () => node.exec(ref, container, { command, ...wanted }))
}

/** Joins a container's main process. Rejects before the upgrade is answered. */
export async function upgradeAttach(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, doors: PodDoors): Promise<void> {
  const { name = '', namespace, query } = route
  const wanted = channelsWanted(query)
  const { pod, ref, node } = await podTarget(route.kind, { namespace, name }, doors)
  refuseCompleted(pod.status?.phase, 'attach')
  const container = containerOf(pod, query.get('container'))
  const channels = await openChannels(req, socket, head, wanted)
  await connect(channels, () => node.attach(ref, container, wanted))
}

function refuseCompleted(phase: string | undefined, verb: string): void {
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot ${verb} ${verb === 'exec' ? 'into' : 'to'} a container in a completed pod; current phase is ${phase}`)
  }
}

/** @throws StatusError 400 when nothing at all is asked for, as kubelet's server does */
export function channelsWanted(query: URLSearchParams): ChannelsWanted {
  const asked = (name: string) => flag(query, name) ?? false
  const tty = asked('tty')
  // a terminal has one output
  const wanted = { stdin: asked('stdin'), stdout: asked('stdout'), stderr: asked('stderr') && !tty, tty }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  return wanted
}

/** Joins a session's streams with the client's channels until the command or the client ends. */
async function connect(channels: Channels, start: () => Promise<ExecSession>): Promise<void> {
  let session: ExecSession
  try {
    session = await start()
  } catch (error) {
    return channels.finish(error instanceof StatusError ? error.status : internal(errorMessage(error)).status)
  }
  void channels.closed.then(() => session.close())
  channels.onResize((columns, rows) => void session.resize(columns, rows).catch(() => undefined))
  if (channels.stdin && session.stdin) pipeline(channels.stdin, session.stdin).catch(() => undefined)
  const outputs = [copy(session.stdout, channels.stdout), copy(session.stderr, channels.stderr)]
  try {
    const code = await session.exited
    await Promise.all(outputs)
    await channels.finish(exitStatus(code))
  } catch (error) {
    await channels.finish(internal(errorMessage(error)).status)
  }
}

/** Resolves when everything has been passed on; a client that is gone reads no more, and that is no error here. */
async function copy(from: ExecSession['stdout'], to: Channels['stdout']): Promise<void> {
  if (!from) return
  if (!to) return void from.resume()
  await pipeline(from, to).catch(() => undefined)
}

/** The outcome of a command as kubectl reads it: its exit code is a cause. */
export function exitStatus(code: number): Status {
  const status = { apiVersion: 'v1', kind: 'Status', metadata: {} }
  if (code === 0) return { ...status, status: 'Success' }
  return {
    ...status, status: 'Failure', reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  }
}
