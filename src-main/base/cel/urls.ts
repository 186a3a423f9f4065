import type { EnvironmentPart } from './part.ts'

/** A URL as Go's net/url reads it, which is less than a browser does to it. */
class Url {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string

  constructor(scheme: string, host: string, path: string, query: string) {
    this.scheme = scheme
    this.host = host
    this.path = path
    this.query = query
  }
}

const absolute = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/([^/?#]*))?(\/[^?#]*|(?=[?#]|$))(?:\?([^#]*))?(?:#.*)?$/s
const rooted = /^()(?:\/\/([^/?#]*))?(\/[^?#]*|(?=[?#]|$))(?:\?([^#]*))?(?:#.*)?$/s
const hostSyntax = /^(?:\[[0-9a-fA-F:.%]+\]|[^\s[\]:<>"\\^`{|}]*)(?::(\d*))?$/

/** Undefined for what is neither an absolute URI nor an absolute path. */
function parse(text: string): Url | undefined {
  if (text === '' || /\p{Cc}/u.test(text)) return undefined
  const [, scheme = '', authority = '', path = '', query = ''] = (text.startsWith('/') ? rooted : absolute).exec(text) ?? []
  if (scheme === '' && !text.startsWith('/')) return undefined
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return hostSyntax.test(host) ? new Url(scheme.toLowerCase(), host, path, query) : undefined
}

export const isUrl = (text: string): boolean => parse(text) !== undefined

function url(text: string): Url {
  const parsed = parse(text)
  if (!parsed) throw new Error(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
  return parsed
}

const port = /:(\d*)$/
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // as Go: a pair that cannot be read is left out
    return ''
  }
}

function queryOf({ query }: Url): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const [key = '', ...rest] = pair.split('=')
    const name = decoded(key)
    values.set(name, [...(values.get(name) ?? []), decoded(rest.join('='))])
  }
  return values
}

/** Of k8s.io/apiserver/pkg/cel/library. */
export const urlPart: EnvironmentPart = {
  types: { 'kubernetes.URL': Url },
  equal: { 'kubernetes.URL': (a: Url, b: Url) => a.scheme === b.scheme && a.host === b.host && a.path === b.path && a.query === b.query },
  functions: {
    'url(string): kubernetes.URL': url,
    'isURL(string): bool': isUrl,
    'kubernetes.URL.getScheme(): string': ({ scheme }: Url) => scheme,
    'kubernetes.URL.getHost(): string': ({ host }: Url) => host,
    'kubernetes.URL.getHostname(): string': ({ host }: Url) => host.replace(port, '').replace(/^\[(.*)\]$/, '$1'),
    'kubernetes.URL.getPort(): string': ({ host }: Url) => port.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? '',
    'kubernetes.URL.getEscapedPath(): string': ({ path }: Url) => path.replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, encodeURIComponent),
    'kubernetes.URL.getQuery(): map<string, list<string>>': queryOf,
  },
}
