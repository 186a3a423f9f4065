const headerBytes = 12
/** RFC 1035, 4.1.4: "as at offset 12", where the question's name stands. */
const pointer = Buffer.from([0xc0, headerBytes])

/**
 * The same message with a pointer wherever a record's owner is the name asked for: most of an answer's bytes, and dns-packet
 * writes every name out. The message holds one question and no pointers yet.
 */
export function compressOwners(message: Buffer): Buffer {
  const asked = message.subarray(headerBytes, endOfName(message, headerBytes))
  const parts = [message.subarray(0, headerBytes + asked.length + 4)]
  let at = headerBytes + asked.length + 4
  while (at < message.length) {
    const nameEnd = endOfName(message, at)
    const owner = message.subarray(at, nameEnd)
    // type, class, TTL and the length of the data stand between the name and the data
    const end = nameEnd + 10 + message.readUInt16BE(nameEnd + 8)
    parts.push(owner.equals(asked) ? pointer : owner, message.subarray(nameEnd, end))
    at = end
  }
  return Buffer.concat(parts)
}

function endOfName(message: Buffer, start: number): number {
  let at = start
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) at += 1 + length
  return at + 1
}
