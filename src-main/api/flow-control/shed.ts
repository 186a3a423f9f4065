import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { StatusError, tooManyRequests } from '../../kinds/status-error.ts'
import { sendPlain } from '../plain-answer.ts'
import { refuseUpgrade } from '../upgrade.ts'

const sentence = 'Too many requests, please try again later.'
const retryAfterSeconds = 1

/** A request has no seat. It is refused before anybody reads it, in a line of text instead of a Status; clients try again by its code and `Retry-After`. */
export class Shed extends StatusError {
  constructor() {
    super(tooManyRequests(sentence, retryAfterSeconds).status)
  }

  answer(req: IncomingMessage, res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Retry-After', String(retryAfterSeconds))
    sendPlain(req, res, this.code, sentence)
  }

  answerUpgrade(socket: Duplex): void {
    refuseUpgrade(socket, this.status, sentence)
  }
}
