const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Where a literal's content begins and ends, and whether its backslashes are meant. */
function contentOf(literal: string): { readonly content: string; readonly isRaw: boolean } {
  const isRaw = /^[rR]/.test(literal)
  const quoted = (isRaw ? literal.slice(1) : literal).replaceAll(/\r\n?/g, '\n')
  const width = quoted.length >= 6 && /^("""|''')/.test(quoted) ? 3 : 1
  return { content: quoted.slice(width, -width), isRaw }
}

const sequence = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g

/** A code point that a text may have. @throws Error */
function character(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new Error('invalid unicode code point')
  return String.fromCodePoint(code)
}

/** What a text literal says. @throws Error with cel-go's sentence */
export function unescapeText(literal: string): string {
  const { content, isRaw } = contentOf(literal)
  if (isRaw) return content
  return content.replaceAll(sequence, (_all, x?: string, u?: string, long?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? long
    if (hex !== undefined) return character(parseInt(hex, 16))
    if (octal !== undefined) return character(parseInt(octal, 8))
    return simple[other!] ?? other!
  })
}

/** What a literal of bytes says, which begins behind its `b`. @throws Error with cel-go's sentence */
export function unescapeBytes(literal: string): Uint8Array {
  const { content, isRaw } = contentOf(literal)
  if (isRaw) return Buffer.from(content)
  const parts: Uint8Array[] = []
  let from = 0
  for (const match of content.matchAll(sequence)) {
    const [all, x, u, long, octal, other] = match
    parts.push(Buffer.from(content.slice(from, match.index)))
    if ((u ?? long) !== undefined) throw new Error('unable to unescape string')
    parts.push(x !== undefined || octal !== undefined ? Buffer.from([x !== undefined ? parseInt(x, 16) : parseInt(octal!, 8)]) : Buffer.from(simple[other!] ?? other!))
    from = match.index + all.length
  }
  parts.push(Buffer.from(content.slice(from)))
  return Uint8Array.from(Buffer.concat(parts))
}
