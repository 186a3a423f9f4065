export interface PemBlock {
  /** `CERTIFICATE` */
  readonly label: string
  readonly hasHeaders: boolean
  readonly bytes: Buffer
}

const begin = '-----BEGIN '
const dashes = '-----'

/** The blocks of a text, as far as they are whole; what stands between them does not count. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  for (let at = text.indexOf(begin); at >= 0; ) {
    const labelEnd = text.indexOf(dashes, at + begin.length)
    if (labelEnd < 0) break
    const label = text.slice(at + begin.length, labelEnd)
    const bodyStart = labelEnd + dashes.length
    const bodyEnd = label.length > 64 ? -1 : text.indexOf(`-----END ${label}-----`, bodyStart)
    if (bodyEnd < 0) break
    const body = text.slice(bodyStart, bodyEnd)
    const hasHeaders = body.includes(':')
    if (hasHeaders || isBase64(body)) blocks.push({ label, hasHeaders, bytes: hasHeaders ? Buffer.alloc(0) : Buffer.from(body, 'base64') })
    at = text.indexOf(begin, bodyEnd)
  }
  return blocks
}

const isBase64 = (body: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(body.replace(/\s+/g, ''))

/** A block as a file has it, 64 characters a line. */
export const toPem = (label: string, bytes: Uint8Array): string =>
  `${begin}${label}-----\n${Buffer.from(bytes).toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
