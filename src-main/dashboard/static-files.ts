import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.map': 'application/json', '.txt': 'text/plain; charset=utf-8',
}

/** Styles alone may be inline: the terminal writes its colours and sizes into style elements. */
const policy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'"

export interface StaticFile {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A file of the folder; `index.html` for a path without an extension, which is one of the router's. Undefined when there
 * is no such file, and for every path that leads out of the folder.
 */
export async function staticFile(folder: string, path: string): Promise<StaticFile | undefined> {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return undefined
  const root = normalize(folder + sep)
  const file = join(root, extname(decoded) === '' ? 'index.html' : decoded)
  if (!file.startsWith(root)) return undefined
  try {
    return { body: await readFile(file), headers: headersOf(file, root) }
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function headersOf(file: string, root: string): Record<string, string> {
  // the build names what is in assets/ after its content
  const hashed = file.startsWith(join(root, 'assets') + sep)
  return {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Cache-Control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'Content-Security-Policy': policy,
  }
}

export function sendFile(res: ServerResponse, { body, headers }: StaticFile, withBody: boolean): void {
  res.writeHead(200, { ...headers, 'Content-Length': body.length })
  res.end(withBody ? body : undefined)
}
