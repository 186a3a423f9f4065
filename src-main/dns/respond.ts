import { AUTHORITATIVE_ANSWER, RECURSION_AVAILABLE, RECURSION_DESIRED, TRUNCATED_RESPONSE, decode, encode, type Answer, type DecodedPacket, type Packet, type Question } from 'dns-packet'
import { compressOwners } from './compress.ts'
import { answerFromZone, soaOf, type Records, type ZoneAnswer } from './zone.ts'

export interface Responder {
  readonly records: Records
  readonly domain: string
  /** Asks the resolvers of the world; undefined when none answers. */
  forward(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined>
}

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4 } as const
type Rcode = keyof typeof rcodes

/** What this server takes by UDP; the size that fits every path (DNS flag day 2020). */
const ownUdpSize = 1232
/** RFC 1035; a client that takes more says so by EDNS. */
const plainUdpSize = 512
/** Aliases of aliases inside the cluster. */
const longestChain = 8

/** The reply to one message in wire form, or undefined for what deserves none. */
export async function respond(message: Buffer, transport: 'udp' | 'tcp', responder: Responder): Promise<Buffer | undefined> {
  // too short for a header, or itself a reply: answering could start a loop
  if (message.length < 12 || (message.readUInt16BE(2) & 0x8000) !== 0) return undefined
  const query = decoded(message)
  const question = query?.questions?.[0]
  if (!query || !question || query.questions?.length !== 1) return headerOnly(message, 'FORMERR')
  if (((message.readUInt16BE(2) >> 11) & 15) !== 0) return headerOnly(message, 'NOTIMP')
  const answer = answerFromZone(question, responder.records, responder.domain)
  if (answer.type === 'outside') return (await responder.forward(message, transport)) ?? reply(query, 'SERVFAIL', {}, transport)
  return fromZone(query, question, answer, transport, responder)
}

async function fromZone(query: DecodedPacket, question: Question, answer: ZoneAnswer, transport: 'udp' | 'tcp', responder: Responder): Promise<Buffer> {
  const authorities = [soaOf(responder.domain)]
  if (answer.type === 'no such name') return reply(query, 'NXDOMAIN', { authorities }, transport)
  if (answer.type !== 'answers') return reply(query, 'NOERROR', { authorities }, transport)
  const followed = answer.alias && question.type !== 'CNAME' ? await follow(answer.alias, question, transport, responder) : []
  return reply(query, 'NOERROR', { answers: [...answer.answers, ...followed], additionals: [...(answer.extra ?? [])] }, transport)
}

/** The records behind an alias: clients' resolvers expect them in the same reply. */
async function follow(alias: string, question: Question, transport: 'udp' | 'tcp', responder: Responder, depth = 1): Promise<Answer[]> {
  const next = { ...question, name: alias }
  const inside = answerFromZone(next, responder.records, responder.domain)
  if (inside.type === 'answers') {
    const further = inside.alias && depth < longestChain ? await follow(inside.alias, question, transport, responder, depth + 1) : []
    return [...inside.answers, ...further]
  }
  if (inside.type !== 'outside') return []
  const forwarded = await responder.forward(encode({ type: 'query', id: 0, flags: RECURSION_DESIRED, questions: [next] }), transport)
  return (forwarded && decoded(forwarded)?.answers) ?? []
}

type Sections = Pick<Packet, 'answers' | 'authorities' | 'additionals'>

function reply(query: DecodedPacket, rcode: Rcode, sections: Sections, transport: 'udp' | 'tcp'): Buffer {
  const edns = query.additionals?.find((record) => record.type === 'OPT')
  const opt: Answer[] = edns ? [{ type: 'OPT', name: '.', udpPayloadSize: ownUdpSize, flags: 0, options: [] } as unknown as Answer] : []
  const authoritative = rcode === 'SERVFAIL' ? 0 : AUTHORITATIVE_ANSWER
  const flags = authoritative | RECURSION_AVAILABLE | ((query.flags ?? 0) & RECURSION_DESIRED) | rcodes[rcode]
  const base: Packet = { type: 'response', id: query.id, flags, questions: query.questions }
  const limit = transport === 'tcp' ? 65_535 : edns ? Math.min(Math.max(sizeOf(edns), plainUdpSize), ownUdpSize) : plainUdpSize
  const full = compressOwners(encode({ ...base, ...sections, additionals: [...(sections.additionals ?? []), ...opt] }))
  if (full.length <= limit) return full
  const bare = compressOwners(encode({ ...base, ...sections, additionals: opt }))
  if (bare.length <= limit) return bare
  return encode({ ...base, flags: flags | TRUNCATED_RESPONSE, additionals: opt })
}

const sizeOf = (opt: Answer): number => ('udpPayloadSize' in opt ? Number(opt.udpPayloadSize) : plainUdpSize)

function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message)
  } catch {
    return undefined
  }
}

/** To a message that cannot be understood: its id and the code. */
function headerOnly(message: Buffer, rcode: Rcode): Buffer {
  const header = Buffer.alloc(12)
  message.copy(header, 0, 0, 2)
  header.writeUInt16BE((message.readUInt16BE(2) & 0x7900) | 0x8000 | RECURSION_AVAILABLE | rcodes[rcode], 2)
  return header
}
