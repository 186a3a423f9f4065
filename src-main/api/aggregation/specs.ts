import { equalJson } from '../../base/json.ts'
import { errorMessage, type Logger } from '../../base/log.ts'
import type { APIService } from '../../kinds/apiregistration/api-service.ts'
import { unavailable } from '../../kinds/status-error.ts'
import type { Json } from '../openapi-schema.ts'
import type { ExtensionServers } from './extension-server.ts'
import { ask } from './known-resources.ts'
import { upgraded } from './openapi-upgrade.ts'

/** The OpenAPI documents of extension servers, as far as they are about what is aggregated. */
export class AggregatedSpecs {
  readonly #available: () => ReadonlyArray<Readonly<APIService>>
  readonly #servers: ExtensionServers
  readonly #log: Logger
  /** Where the document of version 3 stands, by the name of the APIService; its hash is in it. */
  readonly #urls = new Map<string, string>()
  #revision = 0

  constructor(available: () => ReadonlyArray<Readonly<APIService>>, servers: ExtensionServers, log: Logger) {
    this.#available = available
    this.#servers = servers
    this.#log = log
  }

  /** Grows whenever documents have to be made anew. */
  get revision(): number {
    return this.#revision
  }

  /** Something about one of them changed. */
  touch(): void {
    this.#revision++
  }

  forget(name: string): void {
    this.#urls.delete(name)
    this.touch()
  }

  /** Looks what a server that answers publishes now. Never rejects: a server need not publish anything. */
  async refresh(object: Readonly<APIService>): Promise<void> {
    const { metadata: { name = '' } } = object
    const url = await this.#read(object, '/openapi/v3').then((index) => urlIn(index, pathOf(object)), () => undefined)
    if (url === this.#urls.get(name)) return
    if (url === undefined) this.#urls.delete(name)
    else this.#urls.set(name, url)
    this.touch()
  }

  /** By their place in the index (`apis/<group>/<version>`); made of version 2 where a server publishes nothing newer. */
  v3(): Map<string, () => Promise<Buffer>> {
    const found = new Map<string, () => Promise<Buffer>>()
    for (const object of this.#available()) {
      const url = this.#urls.get(object.metadata.name ?? '')
      const read = url === undefined ? () => this.#upgraded(object) : () => ask(object, url, 'application/json', this.#servers)
      found.set(pathOf(object), () => read().catch((error: unknown) => Promise.reject(unavailable(errorMessage(error)))))
    }
    return found
  }

  /** Puts what they say into a document of version 2; one that says nothing is left out, and logged. */
  async addTo(document: Json): Promise<Json> {
    let whole = document
    for (const object of this.#available()) {
      try {
        const spec = await this.#read(object, '/openapi/v2')
        whole = merge(whole, spec, `/${pathOf(object)}`)
      } catch (error) {
        this.#log.debug('no OpenAPI of an extension server', { name: object.metadata.name, error: errorMessage(error) })
      }
    }
    return whole
  }

  async #upgraded(object: Readonly<APIService>): Promise<Buffer> {
    const spec = await this.#read(object, '/openapi/v2')
    const { paths, definitions } = merge({ paths: {}, definitions: {} }, spec, `/${pathOf(object)}`)
    return Buffer.from(JSON.stringify(upgraded({ info: spec['info'], paths, definitions })))
  }

  async #read(object: Readonly<APIService>, path: string): Promise<Json> {
    const value: unknown = JSON.parse((await ask(object, path, 'application/json', this.#servers)).toString('utf8'))
    if (!isJson(value)) throw new Error(`${path} is no document`)
    return { ...value, paths: said(part(value, 'paths'), part(value, 'parameters')) }
  }
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const part = (document: Json, name: string): Json => {
  const value = document[name]
  return isJson(value) ? value : {}
}

const parametersAt = '#/parameters/'

/** Paths with the parameters that their document says once, at each place that refers to them. */
function said(value: unknown, parameters: Json): unknown {
  if (Array.isArray(value)) return value.map((each) => said(each, parameters))
  if (!isJson(value)) return value
  const { $ref: ref } = value
  const name = typeof ref === 'string' && ref.startsWith(parametersAt) ? ref.slice(parametersAt.length) : ''
  if (Object.hasOwn(parameters, name)) return parameters[name]
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, said(child, parameters)]))
}

const pathOf = ({ spec }: Readonly<APIService>): string => `apis/${spec?.group}/${spec?.version}`

/** A path on the same server, and no other place. */
function urlIn(index: Json, at: string): string | undefined {
  const paths = part(index, 'paths')
  const url = Object.hasOwn(paths, at) && isJson(paths[at]) ? paths[at]['serverRelativeURL'] : undefined
  return typeof url === 'string' && url.startsWith('/openapi/v3/') ? url : undefined
}

const definitionsAt = '#/definitions/'
/** Types that everybody has from the same place. */
const shared = 'io.k8s.apimachinery.'

/** `document` with the paths of `spec` below `prefix`, and the definitions that they use; another one of a known name gets a name of its own. Pure. */
export function merge(document: Json, spec: Json, prefix: string): Json {
  const below = (path: string): boolean => path === prefix || path.startsWith(`${prefix}/`)
  const own = Object.fromEntries(Object.entries(part(document, 'paths')).filter(([path]) => !below(path)))
  const paths = Object.fromEntries(Object.entries(part(spec, 'paths')).filter(([path]) => below(path)))
  const [known, theirs] = [part(document, 'definitions'), part(spec, 'definitions')]
  const used = usedBy(paths, theirs)
  const names = new Map<string, string>()
  for (const name of used) {
    if (!Object.hasOwn(known, name) || name.startsWith(shared) || equalJson(known[name], theirs[name])) continue
    let free = 2
    while (Object.hasOwn(known, `${name}_v${free}`)) free++
    names.set(name, `${name}_v${free}`)
  }
  const added = [...used].filter((name) => !Object.hasOwn(known, name) || names.has(name))
  const definitions = Object.fromEntries(added.map((name) => [names.get(name) ?? name, renamed(theirs[name], names)]))
  return { ...document, paths: { ...own, ...(renamed(paths, names) as Json) }, definitions: { ...known, ...definitions } }
}

/** The names of all definitions that something refers to, and of those that they refer to. */
function usedBy(start: unknown, definitions: Json): Set<string> {
  const used = new Set<string>()
  const waiting: unknown[] = [start]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (key !== '$ref' || typeof child !== 'string' || !child.startsWith(definitionsAt)) {
        waiting.push(child)
        continue
      }
      const name = child.slice(definitionsAt.length)
      if (used.has(name) || !Object.hasOwn(definitions, name)) continue
      used.add(name)
      waiting.push(definitions[name])
    }
  }
  return used
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => renamed(each, names))
  return Object.fromEntries(Object.entries(value).map(([key, child]) => {
    const name = key === '$ref' && typeof child === 'string' ? names.get(child.replace(definitionsAt, '')) : undefined
    return [key, name === undefined ? renamed(child, names) : `${definitionsAt}${name}`]
  }))
}
