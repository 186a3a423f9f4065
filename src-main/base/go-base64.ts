/** What encoding/base64 of Go says of a text that is none in its standard form; undefined of one that is. Line breaks count for nothing. */
export function goBase64Mistake(text: string): string | undefined {
  const at = illegalByte(Buffer.from(text))
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`
}

const isBreak = (byte: number | undefined): boolean => byte === 10 || byte === 13
const padding = 0x3d

/** Where Go finds the mistake: at the first byte that is out of place, or at the group of four that is not full. */
function illegalByte(bytes: Buffer): number | undefined {
  let inGroup = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (isBreak(byte)) continue
    if (byte === padding) return afterPadding(bytes, i, inGroup)
    if (!/[A-Za-z0-9+/]/.test(String.fromCharCode(byte))) return i
    inGroup = (inGroup + 1) % 4
  }
  return inGroup === 0 ? undefined : bytes.length - inGroup
}

function afterPadding(bytes: Buffer, first: number, inGroup: number): number | undefined {
  if (inGroup < 2) return first
  const next = (from: number): number => {
    let i = from
    while (isBreak(bytes[i])) i++
    return i
  }
  let end = next(first + 1)
  if (inGroup === 2) {
    if (end === bytes.length) return bytes.length
    if (bytes[end] !== padding) return end - 1
    end = next(end + 1)
  }
  return end < bytes.length ? end : undefined
}
