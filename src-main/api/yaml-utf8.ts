import { isUtf8 } from 'node:buffer'

/** How many bytes a character has that begins with this one; undefined for one that begins none. */
const widthOf = (byte: number): number | undefined => (byte < 0x80 ? 1 : (byte & 0xe0) === 0xc0 ? 2 : (byte & 0xf0) === 0xe0 ? 3 : (byte & 0xf8) === 0xf0 ? 4 : undefined)

/** The least code that needs so many bytes. */
const leastOf = [0, 0, 0x80, 0x800, 0x10000]

/** What go-yaml says of bytes that are no text; undefined of those that are one. */
export function utf8Mistake(bytes: Buffer): string | undefined {
  if (isUtf8(bytes)) return undefined
  for (let at = 0; at < bytes.length;) {
    const width = widthOf(bytes[at]!)
    if (width === undefined) return 'yaml: invalid leading UTF-8 octet'
    if (at + width > bytes.length) return 'yaml: incomplete UTF-8 octet sequence'
    let code = width === 1 ? bytes[at]! : bytes[at]! & (0xff >> (width + 1))
    for (let i = 1; i < width; i++) {
      if ((bytes[at + i]! & 0xc0) !== 0x80) return 'yaml: invalid trailing UTF-8 octet'
      code = (code << 6) | (bytes[at + i]! & 0x3f)
    }
    if (code < leastOf[width]!) return 'yaml: invalid length of a UTF-8 sequence'
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return 'yaml: invalid Unicode character'
    at += width
  }
  return undefined
}
