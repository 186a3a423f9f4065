import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { splitFrames } from '../../src-main/kubelet/docker-frames.ts'

const frame = (type: 1 | 2, body: string): Buffer => {
  const header = Buffer.alloc(8)
  header[0] = type
  header.writeUInt32BE(Buffer.byteLength(body), 4)
  return Buffer.concat([header, Buffer.from(body)])
}

function split() {
  const [source, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  splitFrames(source, stdout, stderr)
  return { source, stdout, stderr }
}

describe("the engine's multiplexed stream", () => {
  it('is split into its two streams, wherever it is cut', async () => {
    const { source, stdout, stderr } = split()
    for (const byte of Buffer.concat([frame(1, 'out'), frame(2, 'err'), frame(1, 'put')])) source.write(Buffer.of(byte))
    source.end()
    expect(await Promise.all([text(stdout), text(stderr)])).toEqual(['output', 'err'])
  })

  it('may break while nobody reads one of its streams', async () => {
    const { source, stdout, stderr } = split()
    stderr.resume()
    const read = text(stdout)
    const closed = new Promise((resolve) => stderr.once('close', resolve))
    source.destroy(new Error('the engine is gone'))
    await expect(read).rejects.toThrow('the engine is gone')
    await closed
  })
})
