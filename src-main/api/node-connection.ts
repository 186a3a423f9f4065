import type { Duplex, Readable, Writable } from 'node:stream'

/** What the API server asks of the node a pod runs on: the kubelet's own door. `cluster.ts` hands it in. */
export interface NodeConnection {
  /**
   * A container's log as text lines. Rejects with a StatusError (400) when there is no such container or it has not
   * started. The stream ends at the end of the log, or with the container when following; destroy it to stop early.
   */
  logs(pod: PodRef, container: string, options: LogOptions): Promise<Readable>
  /** Runs a command in a running container. Rejects with a StatusError when it cannot start. */
  exec(pod: PodRef, container: string, options: ExecOptions): Promise<ExecSession>
  /** Joins the container's main process. */
  attach(pod: PodRef, container: string, options: Omit<ExecOptions, 'command'>): Promise<ExecSession>
  /** Opens a TCP connection to a port inside the pod. */
  connect(pod: PodRef, port: number): Promise<Duplex>
  /** What the node answers at one of its own paths (`/stats/summary`); undefined when nothing stands there. */
  document(path: string): { readonly type: string; readonly body: string | Readable } | undefined
}

export interface PodRef {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** PodLogOptions of core/v1. */
export interface LogOptions {
  readonly follow?: boolean
  readonly previous?: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  readonly sinceTime?: string
  readonly timestamps?: boolean
  readonly limitBytes?: number
}

export interface ExecOptions {
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

export interface ExecSession {
  /** Present when asked for; ending it closes the command's standard input. */
  readonly stdin?: Writable
  readonly stdout?: Readable
  /** Absent with a tty. */
  readonly stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  /** The exit code, once both streams have ended. */
  readonly exited: Promise<number>
  /** Lets go of the command: streams end. */
  close(): void
}
