import { type Duplex, PassThrough, type Readable } from 'node:stream'
import type Docker from 'dockerode'
import { splitFrames } from './docker-frames.ts'
import type { RunOptions, RuntimeLogOptions, RuntimeSession } from './runtime.ts'

/** The log of a container, both streams in one, as it was written. */
export async function containerLogs(docker: Docker, id: string, options: RuntimeLogOptions): Promise<Readable> {
  const { Config: config } = await docker.getContainer(id).inspect()
  const raw = await stream(docker, `/containers/${id}/logs?`, {
    stdout: true, stderr: true, follow: options.follow, timestamps: options.timestamps, tail: options.tailLines ?? 'all',
    ...(options.since === undefined ? {} : { since: options.since.toFixed(9) }),
  })
  if (config.Tty) return raw
  const out = new PassThrough()
  splitFrames(raw, out, out)
  return out
}

/** The library reads a log that is not followed into memory; this does not. */
function stream(docker: Docker, path: string, query: object): Promise<Readable> {
  const options = { path, options: query, method: 'GET', isStream: true, statusCodes: { 200: true, 404: 'no such container', 500: 'server error' } }
  return new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as Readable)))
  })
}

export async function execIn(docker: Docker, id: string, command: readonly string[], { tty, stdin }: RunOptions): Promise<RuntimeSession> {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...command], AttachStdin: stdin, AttachStdout: true, AttachStderr: !tty || undefined, Tty: tty,
  })
  const raw = await exec.start({ hijack: true, stdin: true, Tty: tty })
  return session(raw, { tty, stdin }, {
    resize: (columns, rows) => exec.resize({ w: columns, h: rows }),
    exitCode: async () => (await exec.inspect()).ExitCode ?? 0,
  })
}

export async function attachTo(docker: Docker, id: string, { tty, stdin }: RunOptions): Promise<RuntimeSession> {
  const container = docker.getContainer(id)
  const raw = await container.attach({ stream: true, hijack: true, stdin, stdout: true, stderr: true })
  return session(raw as Duplex, { tty, stdin }, {
    resize: (columns, rows) => container.resize({ w: columns, h: rows }),
    // the kubelet says that an attach went well, whatever the container's end was
    exitCode: () => Promise.resolve(0),
  })
}

interface Ends {
  resize(columns: number, rows: number): Promise<unknown>
  exitCode(): Promise<number>
}

function session(raw: Duplex, { tty, stdin }: RunOptions, ends: Ends): RuntimeSession {
  const stdout = new PassThrough()
  const stderr = tty ? undefined : new PassThrough()
  if (stderr) splitFrames(raw, stdout, stderr)
  else raw.pipe(stdout)
  if (!stdin) raw.end()
  const ended = new Promise<void>((resolve) => {
    raw.once('end', resolve)
    raw.once('close', resolve)
    raw.once('error', () => resolve())
  })
  const exited = ended.then(() => ends.exitCode())
  // whoever does not wait for it must not crash the process when the engine goes away
  exited.catch(() => undefined)
  return {
    ...(stdin ? { stdin: raw } : {}),
    stdout,
    ...(stderr ? { stderr } : {}),
    resize: async (columns, rows) => {
      await ends.resize(columns, rows)
    },
    exited,
    close: () => void raw.destroy(),
  }
}
