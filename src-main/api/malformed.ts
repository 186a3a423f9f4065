import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { methodNotAllowed } from '../kinds/status-error.ts'

/** What Node's parser refuses, by its code: the line that Go's server answers with. */
const lines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Request Entity Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}
const badRequest = '400 Bad Request'

/**
 * Answers what is no HTTP request, and ends its connection. A method that the parser does not know is refused in the words of
 * Kubernetes, to which any word is a method; who asks, and for what, nobody can tell any more.
 */
export function answerMalformed(error: Error & { code?: string }, socket: Duplex & { readonly _httpMessage?: ServerResponse }): void {
  // as Node does by itself: nothing is written into an answer that has begun
  if (!socket.writable || socket._httpMessage?.headersSent) return void socket.destroy(error)
  if (error.code === 'HPE_INVALID_METHOD') return void socket.end(answer('405 Method Not Allowed', 'application/json', `${JSON.stringify(methodNotAllowed().status)}\n`))
  const line = lines[error.code ?? ''] ?? badRequest
  socket.end(answer(line, 'text/plain; charset=utf-8', line))
}

const answer = (line: string, type: string, body: string): string =>
  `HTTP/1.1 ${line}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
