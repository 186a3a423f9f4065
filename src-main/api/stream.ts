import type { IncomingMessage } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Status } from '../kinds/generated/types.ts'
import { openSpdyChannels } from './stream-spdy.ts'
import { openWebSocketChannels } from './stream-websocket.ts'
import { isSpdy } from './upgrade.ts'

/** Which channels a command needs: those of PodExecOptions. */
export interface ChannelsWanted {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** The channels of one exec or attach, whichever protocol carries them. */
export interface Channels {
  readonly stdin?: Readable
  readonly stdout?: Writable
  readonly stderr?: Writable
  /** Calls back with each terminal size the client tells. */
  onResize(listener: (columns: number, rows: number) => void): void
  /** Tells the outcome after everything written before, and closes. */
  finish(outcome: Status): Promise<void>
  /** Resolves when the client is gone. */
  readonly closed: Promise<void>
}

/**
 * Accepts an upgrade to SPDY/3.1 or WebSocket and resolves once the client's channels are there.
 *
 * Rejects with a StatusError (400) before anything is answered when the client speaks no protocol of ours.
 */
export function openChannels(req: IncomingMessage, socket: Duplex, head: Buffer, wanted: ChannelsWanted): Promise<Channels> {
  return isSpdy(req) ? openSpdyChannels(req, socket, head, wanted) : openWebSocketChannels(req, socket, head, wanted)
}

/** Reads `{"Width":80,"Height":24}` messages, whole ones only. */
export function resizeOf(text: string): { columns: number; rows: number } | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown }
    return Number.isInteger(Width) && Number.isInteger(Height) ? { columns: Width as number, rows: Height as number } : undefined
  } catch {
    return undefined
  }
}
