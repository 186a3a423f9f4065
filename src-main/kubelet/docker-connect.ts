import net from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import type Docker from 'dockerode'
import { splitFrames } from './docker-frames.ts'
import type { ObservedPod } from './runtime.ts'

/** A pod on this machine answers or refuses at once; an address that leads nowhere from here does neither. */
const directMs = 500
/** For the engine to start the relay, on a busy machine too. */
const relayMs = 10_000

/**
 * Connects to a port of a pod: by its address where this machine is on the pods' network, otherwise (and for servers that
 * listen on the pod's loopback alone) by a relay inside its sandbox. Rejects with the system's words.
 */
export async function connectToPod(docker: Docker, { sandbox }: ObservedPod, port: number): Promise<Duplex> {
  const direct = await connectDirectly(sandbox?.ip ?? '127.0.0.1', port)
  if (!(direct instanceof Error)) return direct
  if (!sandbox?.ip) throw direct
  return relayInto(docker, sandbox.id, port)
}

function connectDirectly(host: string, port: number): Promise<net.Socket | Error> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, allowHalfOpen: true })
    const giveUp = setTimeout(() => socket.destroy(new Error(`dial tcp4 ${host}:${port}: i/o timeout`)), directMs)
    socket.once('error', resolve).once('close', () => clearTimeout(giveUp))
    socket.once('connect', () => {
      clearTimeout(giveUp)
      socket.off('error', resolve)
      resolve(socket)
    })
  })
}

async function relayInto(docker: Docker, sandbox: string, port: number): Promise<Duplex> {
  const exec = await docker.getContainer(sandbox).exec({ Cmd: ['/pause', 'connect', String(port)], AttachStdin: true, AttachStdout: true, AttachStderr: true })
  const raw = await exec.start({ hijack: true, stdin: true })
  const stdout = new PassThrough()
  const word = new PassThrough()
  splitFrames(raw, stdout, word)
  const connected = await new Promise<boolean>((resolve) => {
    const giveUp = setTimeout(() => resolve(false), relayMs)
    // its one word is that the port answers
    word.once('data', () => resolve(true)).once('end', () => resolve(false))
    word.once('close', () => clearTimeout(giveUp))
    word.once('data', () => clearTimeout(giveUp))
  })
  if (!connected) {
    raw.destroy()
    throw new Error(`dial tcp4 127.0.0.1:${port}: connect: ${reasonOf((await exec.inspect()).ExitCode)}`)
  }
  word.resume()
  return Duplex.from({ readable: stdout, writable: raw })
}

/** Linux' error numbers that a connection on loopback ends with. */
const reasonOf = (code: number | null): string => (code === 111 ? 'connection refused' : code === null ? 'timed out' : `error ${code}`)
