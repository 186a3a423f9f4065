import type { IncomingMessage, ServerResponse } from 'node:http'
import { send } from './respond.ts'
import { closeUnread } from './unread.ts'

/** Answers as Go's http.Error does: with a line of text, where nobody is there who would say it as a Status. */
export function sendPlain(req: IncomingMessage, res: ServerResponse, code: number, sentence: string): void {
  if (res.headersSent) return void res.destroy()
  closeUnread(req, res)
  res.setHeader('X-Content-Type-Options', 'nosniff')
  void send(req, res, code, 'text/plain; charset=utf-8', Buffer.from(`${sentence}\n`))
}
