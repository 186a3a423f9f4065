import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './respond.ts'

/** The name of a content, the same for the same bytes: for ETags and hashed URLs. */
export const contentHash = (bytes: Buffer): string => createHash('sha512').update(bytes).digest('hex').toUpperCase().slice(0, 128)

/** Answers with a document that clients keep: 304 when they already have it. `name` is that of its content. */
export async function sendTagged(req: IncomingMessage, res: ServerResponse, type: string, bytes: Buffer, name = contentHash(bytes)): Promise<void> {
  const tag = `"${name}"`
  res.setHeader('ETag', tag).setHeader('Vary', 'Accept')
  if (req.headers['if-none-match'] === tag) {
    res.writeHead(304).end()
    return
  }
  await send(req, res, 200, type, bytes)
}
