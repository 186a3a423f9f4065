import type { PassThrough, Readable } from 'node:stream'

const headerBytes = 8
const stderrType = 2

/**
 * Splits the engine's multiplexed stream (a header of type and length before each piece) into its two streams. Reads no
 * faster than both are read; when either is let go, so is the source.
 */
export function splitFrames(source: Readable, stdout: PassThrough, stderr: PassThrough): void {
  let left = 0
  let target = stdout
  let header = Buffer.alloc(0)
  const blocked = new Set<PassThrough>()
  const take = (chunk: Buffer): void => {
    let at = 0
    while (at < chunk.length) {
      if (left > 0) {
        const part = chunk.subarray(at, at + left)
        at += part.length
        left -= part.length
        if (!target.write(part)) hold(target)
        continue
      }
      const need = headerBytes - header.length
      header = Buffer.concat([header, chunk.subarray(at, at + need)])
      at += need
      if (header.length < headerBytes) return
      target = header[0] === stderrType ? stderr : stdout
      left = header.readUInt32BE(4)
      header = Buffer.alloc(0)
    }
  }
  const hold = (stream: PassThrough): void => {
    if (blocked.has(stream)) return
    blocked.add(stream)
    source.pause()
    stream.once('drain', () => {
      blocked.delete(stream)
      if (blocked.size === 0) source.resume()
    })
  }
  const end = (): void => {
    stdout.end()
    stderr.end()
  }
  // whoever reads is told that the engine's stream broke; that nobody reads must not end the process
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
  source.on('data', take)
  source.once('end', end)
  source.once('close', end)
  source.once('error', (error) => {
    stdout.destroy(error)
    stderr.destroy(error)
  })
  const letGo = (): void => void source.destroy()
  stdout.once('close', () => (stdout.readableEnded ? undefined : letGo()))
  stderr.once('close', () => (stderr.readableEnded ? undefined : letGo()))
}
