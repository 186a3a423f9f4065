/** DNS over TCP: each message behind its length in two bytes (RFC 1035, 4.2.2). */
export const frames = {
  wrap(message: Buffer): Buffer {
    const framed = Buffer.allocUnsafe(message.length + 2)
    framed.writeUInt16BE(message.length, 0)
    message.copy(framed, 2)
    return framed
  },
  /** Takes chunks as they come, calls back for every whole message. */
  reader(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
    let rest = Buffer.alloc(0)
    return (chunk) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0)
        onMessage(rest.subarray(2, end))
        rest = rest.subarray(end)
      }
    }
  },
}
