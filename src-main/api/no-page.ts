import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Status } from '../kinds/generated/types.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { send } from './respond.ts'

/** Whether there is no such path, rather than no such object. */
export const isPathNotFound = ({ code, details }: Status): boolean => code === 404 && details?.kind === undefined && details?.causes === undefined

/** Whether a path is below the APIs, and in a group that the server brings no kinds for: nobody is there who would answer in Kubernetes' words. */
export function isNobodys(url: string, kinds: readonly AnyKind[]): boolean {
  const [, root, group = ''] = url.split('?', 1)[0]!.split('/')
  return root === 'apis' && group !== '' && !kinds.some((kind) => kind.group === group && !kind.custom)
}

/** What Go's own server says then. */
export function sendNoPage(req: IncomingMessage, res: ServerResponse): void {
  if (res.headersSent) return void res.destroy()
  if (!req.complete) res.setHeader('Connection', 'close')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  void send(req, res, 404, 'text/plain; charset=utf-8', Buffer.from('404 page not found\n'))
}
