import type { Status } from '../../src-main/kinds/generated/types.ts'
import { pathOf, pods } from './kinds.ts'
import type { Ref } from './resources.ts'
import { socketUrl } from './sockets.ts'

const stdin = 0
const failure = 3
const resize = 4

export interface ExecSession {
  write(data: string): void
  resize(columns: number, rows: number): void
  close(): void
}

export interface ExecSink {
  opened(): void
  output(data: Uint8Array): void
  /** `message` says why it ended; empty after a clean end. */
  ended(message: string): void
}

/** Runs `command` in a container on a terminal, over the v5.channel.k8s.io protocol. */
export function exec(pod: Ref, container: string, command: readonly string[], sink: ExecSink): ExecSession {
  const query = new URLSearchParams({ container, stdin: '1', stdout: '1', tty: '1' })
  for (const word of command) query.append('command', word)
  const socket = new WebSocket(socketUrl(`${pathOf(pods, pod)}/exec?${query}`), 'v5.channel.k8s.io')
  socket.binaryType = 'arraybuffer'
  let opened = false
  let reason = ''
  const send = (channel: number, text: string) => {
    if (socket.readyState !== WebSocket.OPEN) return
    const bytes = new TextEncoder().encode(text)
    const frame = new Uint8Array(bytes.length + 1)
    frame[0] = channel
    frame.set(bytes, 1)
    socket.send(frame)
  }
  socket.onopen = () => {
    opened = true
    sink.opened()
  }
  socket.onmessage = (message: MessageEvent<ArrayBuffer>) => {
    const frame = new Uint8Array(message.data)
    if (frame[0] === failure) reason = failureOf(new TextDecoder().decode(frame.subarray(1)))
    else sink.output(frame.subarray(1))
  }
  socket.onclose = () => sink.ended(opened ? reason : 'The shell could not be opened: the pod may not be running, or has no such program.')
  return {
    write: (data) => send(stdin, data),
    resize: (columns, rows) => send(resize, JSON.stringify({ Width: columns, Height: rows })),
    close: () => socket.close(),
  }
}

function failureOf(text: string): string {
  const status = JSON.parse(text) as Status
  return status.status === 'Success' ? '' : (status.message ?? status.reason ?? 'The command failed.')
}
