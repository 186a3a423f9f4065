import { type Readable, Transform } from 'node:stream'

/** At most the first `bytes` of a stream; then the source is let go. */
export function limitBytes(source: Readable, bytes: number): Readable {
  let left = bytes
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const part = chunk.subarray(0, left)
      left -= part.length
      this.push(part)
      if (left <= 0) {
        this.push(null)
        source.destroy()
      }
      done()
    },
  })
  source.on('error', (error) => limited.destroy(error))
  limited.on('close', () => source.destroy())
  return source.pipe(limited)
}
