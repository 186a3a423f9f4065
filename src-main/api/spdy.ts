import { Duplex } from 'node:stream'
import { constants, createDeflate, createInflate } from 'node:zlib'
import { spdyDictionary } from './spdy-dictionary.ts'

/** SPDY/3.1 frame types and flags that Kubernetes' clients use. */
const frame = { synStream: 1, synReply: 2, reset: 3, ping: 6, goAway: 7, headers: 8 } as const
const fin = 0x01
const cancel = 5
/** Of compressed headers; a stream of ours carries a handful of short ones. */
const maxHeaderBytes = 16 * 1024
const maxStreams = 1000
/** Of a frame that carries no data: compressed headers, or less. */
const maxControlBytes = 64 * 1024

const isControl = (head: Buffer): boolean => (head[0]! & 0x80) !== 0

export type SpdyHeaders = Readonly<Record<string, string>>

/** One stream that the client opened. Ending it half-closes it; destroying it resets it. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #session: SpdySession
  #resume: (() => void) | undefined

  constructor(session: SpdySession, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true })
    this.#session = session
    this.id = id
    this.headers = headers
    // a reset is an ordinary end here; whoever reads the stream hears of it by its close
    this.on('error', () => undefined)
  }

  /** Takes a data frame; resolves when the reader wants more. */
  deliver(data: Buffer, last: boolean): Promise<void> {
    const hungry = data.length === 0 || this.readableEnded || this.destroyed || this.push(data)
    if (last) this.push(null)
    if (hungry || last) return Promise.resolve()
    return new Promise((resolve) => (this.#resume = resolve))
  }

  override _read(): void {
    this.#resume?.()
    this.#resume = undefined
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#session.sendData(this.id, chunk, 0, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#session.sendData(this.id, Buffer.alloc(0), fin, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read()
    this.#session.forget(this, !(this.readableEnded && this.writableFinished))
    done(error)
  }
}

/**
 * The server's end of a SPDY/3.1 connection, as Kubernetes' clients speak it: they open the streams, nobody uses the flow
 * control windows (the clients never open theirs), and TCP holds back whoever is too fast.
 */
export class SpdySession {
  readonly #socket: Duplex
  readonly #onStream: (stream: SpdyStream) => void
  readonly #streams = new Map<number, SpdyStream>()
  readonly #inflate = createInflate({ dictionary: spdyDictionary })
  readonly #deflate = createDeflate({ dictionary: spdyDictionary })
  #failInflate: ((error: Error) => void) | undefined
  #replies: Promise<unknown> = Promise.resolve()
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>

  constructor(socket: Duplex, onStream: (stream: SpdyStream) => void) {
    this.#socket = socket
    this.#onStream = onStream
    socket.on('error', () => undefined)
    this.#inflate.on('error', (error) => this.#failInflate?.(error))
    this.closed = this.#run()
  }

  sendData(id: number, data: Buffer, flags: number, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed || !this.#socket.writable) return done(new Error('the connection is closed'))
    const head = Buffer.alloc(8)
    head.writeUInt32BE(id, 0)
    head.writeUInt32BE(data.length, 4)
    head[4] = flags
    // a data frame must not overtake the reply that opened its stream
    void this.#replies.then(() => this.#socket.write(data.length === 0 ? head : Buffer.concat([head, data]), done))
  }

  forget(stream: SpdyStream, reset: boolean): void {
    if (!this.#streams.delete(stream.id) || !reset || !this.#socket.writable) return
    const body = Buffer.alloc(8)
    body.writeUInt32BE(stream.id, 0)
    body.writeUInt32BE(cancel, 4)
    this.#control(frame.reset, 0, body)
  }

  /** Says goodbye after what was written, and ends the connection. */
  async end(): Promise<void> {
    await this.#replies
    if (this.#socket.writable) {
      this.#control(frame.goAway, 0, Buffer.alloc(8))
      this.#socket.end()
    }
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async #run(): Promise<void> {
    try {
      for await (const { head, body } of frames(this.#socket)) await this.#receive(head, body)
    } catch {
      // a broken connection and a broken frame end the same way
    }
    for (const stream of this.#streams.values()) stream.destroy()
    this.#socket.destroy()
    this.#inflate.destroy()
    this.#deflate.destroy()
  }

  async #receive(head: Buffer, body: Buffer): Promise<void> {
    const flags = head[4]!
    if (!isControl(head)) {
      await this.#streams.get(head.readUInt32BE(0))?.deliver(body, (flags & fin) !== 0)
      return
    }
    switch (head.readUInt16BE(2)) {
      case frame.synStream:
        return this.#open(body, flags)
      case frame.headers:
        // they change nothing here, but the decompressor must have seen them
        await this.#decompress(body.subarray(4))
        return
      case frame.reset:
        this.#streams.get(body.readUInt32BE(0))?.destroy()
        return
      case frame.ping:
        // ours would have even numbers
        if (body.readUInt32BE(0) % 2 === 1) this.#control(frame.ping, 0, body)
        return
      case frame.goAway:
        return
    }
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff
    const headers = parseHeaders(await this.#decompress(body.subarray(10)))
    if (this.#streams.size >= maxStreams || this.#streams.has(id)) throw new Error('too many streams')
    const stream = new SpdyStream(this, id, headers)
    this.#streams.set(id, stream)
    this.#replies = this.#replies.then(() => this.#reply(id))
    await this.#replies
    if (flags & fin) stream.push(null)
    this.#onStream(stream)
  }

  async #reply(id: number): Promise<void> {
    const none = await this.#compress(Buffer.alloc(4))
    const body = Buffer.alloc(4 + none.length)
    body.writeUInt32BE(id, 0)
    none.copy(body, 4)
    this.#control(frame.synReply, 0, body)
  }

  #control(type: number, flags: number, body: Buffer): void {
    const head = Buffer.alloc(8)
    head.writeUInt16BE(0x8003, 0)
    head.writeUInt16BE(type, 2)
    head.writeUInt32BE(body.length, 4)
    head[4] = flags
    this.#socket.write(Buffer.concat([head, body]))
  }

  #compress(block: Buffer): Promise<Buffer> {
    return new Promise((resolve) => {
      this.#deflate.write(block)
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve((this.#deflate.read() as Buffer | null) ?? Buffer.alloc(0)))
    })
  }

  #decompress(block: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (block.length > maxHeaderBytes) return reject(new Error('headers too large'))
      this.#failInflate = reject
      this.#inflate.write(block, () => resolve((this.#inflate.read() as Buffer | null) ?? Buffer.alloc(0)))
    })
  }
}

/** Cuts the bytes of a connection into frames: 8 bytes that end with a 24-bit length, and a body. */
async function* frames(socket: Duplex): AsyncGenerator<{ head: Buffer; body: Buffer }> {
  let waiting: Buffer[] = []
  let have = 0
  let need = 8
  for await (const chunk of socket) {
    waiting.push(chunk as Buffer)
    have += (chunk as Buffer).length
    if (have < need) continue
    let all = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting)
    for (;;) {
      need = all.length < 8 ? 8 : 8 + (all.readUInt32BE(4) & 0xffffff)
      if (all.length >= 8 && isControl(all) && need > maxControlBytes) throw new Error('frame too large')
      if (all.length < need) break
      yield { head: all.subarray(0, 8), body: all.subarray(8, need) }
      all = all.subarray(need)
    }
    waiting = [all]
    have = all.length
  }
}

/** A count, then names and values, each behind its length; names are lower case, several values are joined by NUL. */
function parseHeaders(block: Buffer): SpdyHeaders {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  let at = 4
  const next = (): string => {
    const length = block.readUInt32BE(at)
    if (at + 4 + length > block.length) throw new Error('headers are cut short')
    at += 4 + length
    return block.toString('utf8', at - length, at)
  }
  for (let count = block.readUInt32BE(0); count > 0; count--) {
    const name = next()
    headers[name.toLowerCase()] = next().split('\0')[0]!
  }
  return headers
}
