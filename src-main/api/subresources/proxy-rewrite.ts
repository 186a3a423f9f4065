import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'

/** Which attributes of which elements are URLs: k8s.io/apimachinery's proxy.Transport. */
const urlAttributes: Readonly<Record<string, readonly string[]>> = {
  a: ['href'], applet: ['codebase'], area: ['href'], audio: ['src'], base: ['href'], blockquote: ['cite'], body: ['background'],
  button: ['formaction'], command: ['icon'], del: ['cite'], embed: ['src'], form: ['action'], frame: ['longdesc', 'src'],
  head: ['profile'], html: ['manifest'], iframe: ['longdesc', 'src'], img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'], ins: ['cite'], link: ['href'], object: ['classid', 'codebase', 'data', 'usemap'],
  q: ['cite'], script: ['src'], source: ['src'], video: ['poster', 'src'],
}

/** Where what is served behind a proxy path is found. */
export interface Behind {
  /** Of the proxy, without a slash at the end. */
  readonly prefix: string
  /** What the workload and the client call the host; another one's URLs are nobody's business here. */
  readonly hosts: readonly (string | undefined)[]
}

/** A URL on the workload's own host leads through the proxy again; any other is left as it is. */
export function relocated(url: string, { prefix, hosts }: Behind): string {
  const [, host, path] = /^(?:https?:)?\/\/([^/?#]*)(.*)$/s.exec(url) ?? [undefined, undefined, url]
  if (host !== undefined && !hosts.includes(host)) return url
  const target = path || '/'
  if (!target.startsWith('/')) return url
  return target === prefix || target.startsWith(`${prefix}/`) ? target : prefix + target
}

/** The page with its links relocated. One pass, however odd the page is. */
export function rewriteHtml(page: string, behind: Behind): string {
  const parts: string[] = []
  let done = 0
  for (let open = page.indexOf('<'); open >= 0; open = page.indexOf('<', done)) {
    const close = page.indexOf('>', open)
    if (close < 0) break
    parts.push(page.slice(done, open), rewriteTag(page.slice(open, close + 1), behind))
    done = close + 1
  }
  return parts.join('') + page.slice(done)
}

function rewriteTag(tag: string, behind: Behind): string {
  const element = /^<([a-z]+)[\s/]/i.exec(tag)?.[1]?.toLowerCase() ?? ''
  const names = Object.hasOwn(urlAttributes, element) ? urlAttributes[element]! : []
  if (names.length === 0) return tag
  return tag.replace(/([\s"'])([a-z]+)(\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi, (whole: string, before: string, name: string, equals: string, double?: string, single?: string) => {
    if (!names.includes(name.toLowerCase())) return whole
    const quote = double === undefined ? "'" : '"'
    return `${before}${name}${equals}${quote}${relocated(double ?? single ?? '', behind)}${quote}`
  })
}

/** A page of that many bytes is rewritten, a larger one goes out as it is. */
const pageLimitBytes = 4 * 1024 * 1024
const decoders: Readonly<Record<string, (bytes: Buffer) => Promise<Buffer>>> = {
  '': (bytes) => Promise.resolve(bytes),
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: pageLimitBytes }),
  deflate: (bytes) => promisify(inflate)(bytes, { maxOutputLength: pageLimitBytes }),
}

/** Passes an answer's body on; the links of an HTML page lead through the proxy. Headers are set already, and not sent. */
export async function sendBody(answer: IncomingMessage, res: ServerResponse, behind: Behind): Promise<void> {
  const begin = (): ServerResponse => res.writeHead(answer.statusCode ?? 502, answer.statusMessage)
  const encoding = String(answer.headers['content-encoding'] ?? '')
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  const html = /^text\/html\b/i.test(answer.headers['content-type'] ?? '')
  if (!html || !decode || res.req.method === 'HEAD') {
    begin().flushHeaders()
    return pipeline(answer, res)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes <= pageLimitBytes) continue
    begin()
    for (const each of chunks) res.write(each)
    return pipeline(answer, res)
  }
  const body = Buffer.concat(chunks)
  const page = await decode(body).catch(() => undefined)
  if (page === undefined) return void begin().end(body)
  const rewritten = Buffer.from(rewriteHtml(page.toString('latin1'), behind), 'latin1')
  res.removeHeader('content-encoding')
  res.setHeader('content-length', rewritten.length)
  begin().end(rewritten)
}
