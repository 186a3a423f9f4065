import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Status } from '../kinds/generated/types.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { sendPlain } from './plain-answer.ts'

/** Whether there is no such path, rather than no such object. */
export const isPathNotFound = ({ code, details }: Status): boolean => code === 404 && details?.kind === undefined && details?.causes === undefined

/** Whether a path is not below the APIs, or in a group that the server brings no kinds for: nobody is there who would answer in Kubernetes' words. */
export function isNobodys(url: string, kinds: readonly AnyKind[]): boolean {
  const [, root, group = ''] = url.split('?', 1)[0]!.split('/')
  if (root !== 'apis') return root !== 'api' && root !== 'version'
  return group !== '' && !kinds.some((kind) => kind.group === group && !kind.custom)
}

/** What Go's own server says then. */
export function sendNoPage(req: IncomingMessage, res: ServerResponse): void {
  sendPlain(req, res, 404, '404 page not found')
}
