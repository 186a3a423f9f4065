import { createSocket } from 'node:dgram'
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect, isIP, isIPv6 } from 'node:net'
import { decode } from 'dns-packet'
import type { Clock } from '../base/clock.ts'
import { frames } from './frames.ts'

/** A resolver that knows the rest of the world. */
export interface Upstream {
  readonly address: string
  readonly port: number
}

/** Per resolver; then the next one is asked. A client gives up after 5 s by resolv.conf's default. */
const timeoutMs = 2_000

/** The name servers of this machine's resolv.conf; none when there is no such file. */
export async function systemUpstreams(file = '/etc/resolv.conf'): Promise<Upstream[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)]
    .map((match) => ({ address: match[1] ?? '', port: 53 }))
    .filter(({ address }) => isIP(address.replace(/%.*$/, '')) !== 0)
}

/** The first resolver's answer to a question in wire form, with the question's id; undefined when none answers. */
export async function askUpstreams(
  query: Buffer, transport: 'udp' | 'tcp', upstreams: readonly Upstream[], clock: Clock, signal: AbortSignal,
): Promise<Buffer | undefined> {
  for (const upstream of upstreams) {
    if (signal.aborted) return undefined
    const answer = await (transport === 'udp' ? overUdp : overTcp)(withId(query, randomInt(65_536)), upstream, clock, signal)
    if (answer) return withId(answer, query.readUInt16BE(0))
  }
  return undefined
}

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(id, 0)
  return copy
}

/** Somebody else's datagram, or an answer to another question, is not an answer. */
function answers(reply: Buffer, query: Buffer): boolean {
  if (reply.length < 12 || reply.readUInt16BE(0) !== query.readUInt16BE(0)) return false
  try {
    const [asked, answered] = [decode(query).questions?.[0], decode(reply).questions?.[0]]
    return !answered || (answered.type === asked?.type && answered.name.toLowerCase() === asked.name.toLowerCase())
  } catch {
    return false
  }
}

/** Calls back at most once, whatever comes first: an answer, a failure, the time limit or the abort. */
function limited(clock: Clock, signal: AbortSignal, start: (finish: (answer?: Buffer) => void) => () => void): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const giveUp = () => finish()
    const cancel = clock.after(timeoutMs, giveUp)
    signal.addEventListener('abort', giveUp)
    const end = start(finish)
    let finished = false
    function finish(answer?: Buffer): void {
      if (finished) return
      finished = true
      cancel()
      signal.removeEventListener('abort', giveUp)
      end()
      resolve(answer)
    }
  })
}

const overUdp = (query: Buffer, { address, port }: Upstream, clock: Clock, signal: AbortSignal) =>
  limited(clock, signal, (finish) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    socket.on('error', () => finish())
    socket.on('message', (reply) => answers(reply, query) && finish(reply))
    socket.connect(port, address, (error?: Error) => (error ? finish() : socket.send(query)))
    return () => socket.close()
  })

const overTcp = (query: Buffer, { address, port }: Upstream, clock: Clock, signal: AbortSignal) =>
  limited(clock, signal, (finish) => {
    const socket = connect(port, address, () => socket.write(frames.wrap(query)))
    socket.on('error', () => finish()).on('close', () => finish())
    socket.on('data', frames.reader((reply) => answers(reply, query) && finish(reply)))
    return () => socket.destroy()
  })
