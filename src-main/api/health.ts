import type { IncomingMessage, ServerResponse } from 'node:http'

/** Named conditions for being alive and ready; false is not well. */
export type Checks = Readonly<Record<string, () => boolean>>

const roots = ['healthz', 'livez', 'readyz']

/** Answers `/healthz`, `/livez`, `/readyz` and the single checks below them; false when the path is none of them. */
export function serveHealth(path: string, query: URLSearchParams, req: IncomingMessage, res: ServerResponse, checks: Checks): boolean {
  const [root = '', name, more] = path.slice(1).split('/')
  const known: Checks = { ping: () => true, ...checks }
  if (!roots.includes(root) || more !== undefined || (name !== undefined && !Object.hasOwn(known, name))) return false
  const excluded = query.getAll('exclude')
  const names = name === undefined ? Object.keys(known).filter((each) => !excluded.includes(each)) : [name]
  const failed = names.filter((each) => !known[each]!())
  const lines = names.map((each) => (failed.includes(each) ? `[-]${each} failed: reason withheld` : `[+]${each} ok`))
  const well = failed.length === 0
  const wordy = !well || (query.has('verbose') && name === undefined)
  const text = wordy ? `${lines.join('\n')}\n${root} check ${well ? 'passed' : 'failed'}\n` : 'ok'
  const body = Buffer.from(text)
  res.writeHead(well ? 200 : 500, {
    'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-cache, private', 'X-Content-Type-Options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  return true
}
