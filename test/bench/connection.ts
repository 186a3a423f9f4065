import { connect, type TLSSocket } from 'node:tls'

/** Whom a benchmark loads: a Kubernetes API server, and a token that may do everything. */
export interface Target {
  readonly url: string
  readonly ca: Buffer
  readonly token: string
}

/** An answer that is still coming. */
interface Answer {
  readonly status: number
  /** Of the body, in bytes; Go's server sends what it has no length of in chunks, the last of which is empty. */
  readonly length: number | undefined
  received: number
  /** How the body begins, to be told when it is an error, and how it ends so far. */
  begin: string
  end: string
}

const lastChunk = '0\r\n\r\n'

/**
 * One kept-alive HTTP/1.1 connection with one request at a time. The load generator shares the cores with the server, and
 * Node's own client costs half as much as the server it asks; this one costs a fifth of that, so that it is the server that is measured.
 */
export class Connection {
  readonly #socket: TLSSocket
  readonly #head: string
  #unread = ''
  #answer: Answer | undefined
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor({ url, ca, token }: Target) {
    const { hostname, port, host } = new URL(url)
    this.#head = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\nAccept: application/json\r\n`
    this.#socket = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['http/1.1'] })
    this.#socket.setNoDelay().setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#receive(text))
    this.#socket.on('error', (error) => this.#settle?.reject(error))
    this.#socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')))
  }

  /** Resolves when the whole answer is there; rejects with how it begins when that is no success. */
  send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<void> {
    const json = body === undefined ? '' : JSON.stringify(body)
    const content = body === undefined ? '' : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(json)}\r\n`
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.#socket.write(`${method} ${path} HTTP/1.1\r\n${this.#head}${content}\r\n${json}`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(text: string): void {
    const body = this.#answer ? text : this.#readHead(text)
    const answer = this.#answer
    if (!answer || body === undefined) return
    answer.received += body.length
    if (answer.begin.length < 1000) answer.begin += body
    if (answer.length === undefined) answer.end = (answer.end + body.slice(-lastChunk.length)).slice(-lastChunk.length)
    if (answer.length === undefined ? answer.end !== lastChunk : answer.received < answer.length) return
    this.#answer = undefined
    if (answer.status < 300) this.#settle?.resolve()
    else this.#settle?.reject(new Error(`${answer.status} ${answer.begin}`))
  }

  /** What follows the headers, once they are there. */
  #readHead(text: string): string | undefined {
    this.#unread += text
    const at = this.#unread.indexOf('\r\n\r\n')
    if (at < 0) return undefined
    const [head, body] = [this.#unread.slice(0, at), this.#unread.slice(at + 4)]
    this.#unread = ''
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
    this.#answer = { status: Number(head.slice(9, 12)), length: length === undefined ? undefined : Number(length), received: 0, begin: '', end: '' }
    return body
  }
}
