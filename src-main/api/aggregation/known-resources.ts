import { errorMessage } from '../../base/log.ts'
import type { APIService } from '../../kinds/apiregistration/api-service.ts'
import type { User } from '../verbs.ts'
import type { ExtensionServers } from './extension-server.ts'

/** A resource of an extension server, as aggregated discovery shows it: APIResourceDiscovery. */
export interface DiscoveredResource {
  readonly resource: string
  readonly subresources?: readonly object[]
  readonly [field: string]: unknown
}

/** As whom extension servers are asked what they have. */
export const aggregator: User = { name: 'system:kube-aggregator', groups: ['system:masters'] }

/** The controller's own patience with an answer. */
const patienceMs = 5000
/** More than any discovery or OpenAPI document is. */
export const documentLimitBytes = 64 * 1024 * 1024

/** What an extension server answers at a path. Rejects with a sentence when it does not answer, in time or with a 2xx. */
export async function ask(object: Readonly<APIService>, path: string, accept: string, servers: ExtensionServers, limitBytes = documentLimitBytes): Promise<Buffer> {
  const { service } = object.spec ?? {}
  const url = `https://${service?.name}.${service?.namespace}.svc:${service?.port ?? 443}${path}`
  try {
    return await new Promise((resolve, reject) => {
      const asked = servers.request(object, aggregator, { method: 'GET', path, headers: { Accept: accept }, signal: AbortSignal.timeout(patienceMs) })
      asked.on('error', reject).on('response', (answer) => {
        const { statusCode = 0 } = answer
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('error', reject).on('end', () => {
          if (statusCode >= 200 && statusCode < 300) resolve(Buffer.concat(chunks))
          else reject(new Error(`bad status from ${url}: ${statusCode}`))
        })
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > limitBytes) answer.destroy(new Error(`more than ${limitBytes} bytes`))
          else chunks.push(chunk)
        })
      }).end()
    })
  } catch (error) {
    throw new Error(`failing or missing response from ${url}: ${errorMessage(error)}`, { cause: error })
  }
}

type Words = Readonly<Record<string, unknown>>
const isWords = (value: unknown): value is Words => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [])

/** An APIResourceList in the words of aggregated discovery; what is not one has no resources. */
export function discovered(body: Buffer, group: string, version: string): DiscoveredResource[] {
  const list = parsed(body)
  const all = isWords(list) && Array.isArray(list['resources']) ? list['resources'].filter(isWords) : []
  const responseKind = (each: Words) => ({ group: text(each['group']) || group, version: text(each['version']) || version, kind: text(each['kind']) })
  const subresources = (name: string) =>
    all.filter((each) => text(each['name']).startsWith(`${name}/`)).map((each) => ({
      subresource: text(each['name']).slice(name.length + 1), responseKind: responseKind(each), verbs: texts(each['verbs']),
    }))
  return all.filter((each) => text(each['name']) !== '' && !text(each['name']).includes('/')).map((each) => {
    const name = text(each['name'])
    const below = subresources(name)
    return {
      resource: name, responseKind: responseKind(each), scope: each['namespaced'] === true ? 'Namespaced' : 'Cluster',
      singularResource: text(each['singularName']), verbs: texts(each['verbs']),
      ...(texts(each['shortNames']).length > 0 ? { shortNames: texts(each['shortNames']) } : {}),
      ...(texts(each['categories']).length > 0 ? { categories: texts(each['categories']) } : {}),
      ...(below.length > 0 ? { subresources: below } : {}),
    }
  })
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
