import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { decode, encode, type DecodedPacket, type Packet, type RecordType } from 'dns-packet'
import { frames } from '../../src-main/dns/frames.ts'

export interface Server {
  readonly address: string
  readonly port: number
}

const deadlineMs = 5000

export const rcodeOf = (reply: DecodedPacket): string => (reply as DecodedPacket & { rcode: string }).rcode

export const question = (name: string, type: RecordType = 'A', more: Partial<Packet> = {}): Buffer =>
  encode({ type: 'query', id: 4711, flags: 0x100, questions: [{ name, type }], ...more })

/** The data of the answers, as text. */
export const dataOf = (reply: DecodedPacket): string[] =>
  (reply.answers ?? []).map((answer) => `${answer.type} ${'data' in answer ? String(answer.data) : ''}`)

export function sendUdp(server: Server, message: Buffer): Promise<Buffer> {
  const socket = createSocket('udp4')
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer by UDP')), deadlineMs)
    socket.on('error', reject)
    socket.on('message', (reply) => {
      clearTimeout(timer)
      resolve(reply)
    })
    socket.send(message, server.port, server.address)
  }).finally(() => socket.close())
}

/** Over one connection, in the order the answers came. */
export function sendTcp(server: Server, messages: Buffer[]): Promise<Buffer[]> {
  const socket = connect(server.port, server.address)
  const replies: Buffer[] = []
  return new Promise<Buffer[]>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer by TCP')), deadlineMs)
    socket.on('error', reject)
    socket.on('data', frames.reader((reply) => {
      replies.push(Buffer.from(reply))
      if (replies.length < messages.length) return
      clearTimeout(timer)
      resolve(replies)
    }))
    socket.write(Buffer.concat(messages.map((message) => frames.wrap(message))))
  }).finally(() => socket.destroy())
}

export const askUdp = async (server: Server, name: string, type?: RecordType, more?: Partial<Packet>) =>
  decode(await sendUdp(server, question(name, type, more)))
export const askTcp = async (server: Server, name: string, type?: RecordType) => decode((await sendTcp(server, [question(name, type)]))[0]!)
