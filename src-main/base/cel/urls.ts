import { call, type Library, member } from './declarations.ts'
import { goQuoted } from '../go-text.ts'
import { bool, list, map, string, struct } from './types.ts'
import { OpaqueValue } from './values.ts'

const urlType = struct('kubernetes.URL')

/** A URL as Go's net/url reads it, which is less than a browser does to it. */
class Url extends OpaqueValue {
  readonly type = urlType
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string

  constructor(scheme: string, host: string, path: string, query: string) {
    super()
    this.scheme = scheme
    this.host = host
    this.path = path
    this.query = query
  }

  get key(): string {
    return [this.scheme, this.host, this.path, this.query].join(' ')
  }
}

const absolute = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/([^/?#]*))?(\/[^?#]*|(?=[?#]|$))(?:\?([^#]*))?(?:#.*)?$/s
/** What does not go on with a slash says nothing more. */
const opaque = /^([a-zA-Z][a-zA-Z0-9+.-]*):[^/?#][^?#]*(?:\?([^#]*))?(?:#.*)?$/s
const rooted = /^()(?:\/\/([^/?#]*))?(\/[^?#]*|(?=[?#]|$))(?:\?([^#]*))?(?:#.*)?$/s
const hostSyntax = /^(?:\[[0-9a-fA-F:.%]+\]|[^\s[\]:<>"\\^`{|}]*)(?::(\d*))?$/

/** Undefined for what is neither an absolute URI nor an absolute path. */
function parse(text: string): Url | undefined {
  if (text === '' || /\p{Cc}/u.test(text)) return undefined
  const [, word, after = ''] = opaque.exec(text) ?? []
  if (word !== undefined) return new Url(word.toLowerCase(), '', '', after)
  const [, scheme = '', authority = '', path = '', query = ''] = (text.startsWith('/') ? rooted : absolute).exec(text) ?? []
  if (scheme === '' && !text.startsWith('/')) return undefined
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  return hostSyntax.test(host) ? new Url(scheme.toLowerCase(), host, path, query) : undefined
}

export const isUrl = (text: string): boolean => parse(text) !== undefined

function url(text: string): Url {
  const parsed = parse(text)
  if (!parsed) throw new Error(`URL parse error during conversion from string: parse ${goQuoted(text)}: invalid URI for request`)
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

const getter = (get: (url: Url) => string) => [member([urlType], string, get)]

/** Of k8s.io/apiserver/pkg/cel/library. */
export const urlLibrary: Library = {
  functions: {
    url: [call([string], urlType, url)],
    isURL: [call([string], bool, isUrl)],
    getScheme: getter(({ scheme }) => scheme),
    getHost: getter(({ host }) => host),
    getHostname: getter(({ host }) => host.replace(port, '').replace(/^\[(.*)\]$/, '$1')),
    getPort: getter(({ host }) => port.exec(host.replace(/^\[.*\]/, ''))?.[1] ?? ''),
    getEscapedPath: getter(({ path }) => path.replaceAll(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, encodeURIComponent)),
    getQuery: [member([urlType], map(string, list(string)), queryOf)],
  },
}
