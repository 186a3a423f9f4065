import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnyKind } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { schemas } from '../kinds/schemas.ts'
import { notAcceptable } from '../kinds/status-error.ts'
import type { AggregatedSpecs } from './aggregation/specs.ts'
import { contentHash, sendTagged } from './etag.ts'
import { parseAccept } from './negotiate.ts'
import { pathsOf } from './openapi-paths.ts'
import { documentProtobuf } from './openapi-protobuf.ts'
import { definitions, type Docs, type Json } from './openapi-schema.ts'

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** What older clients ask for; a media type may not contain an `@`, and they refuse an answer that does. */
const oldProtobufType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'

export interface OpenApi {
  /** Answers `/openapi/v2`, `/openapi/v3` and the documents below it; false when the path is none of them. */
  serve(path: string, req: IncomingMessage, res: ServerResponse): Promise<boolean>
}

/**
 * The documents are made when first asked for, and kept until the kinds change: the docs alone are half a megabyte that
 * start-up must not read. A change makes anew what it concerns: the whole of v2, one document of v3.
 */
export function createOpenApi(kinds: Kinds, version: string, aggregated?: AggregatedSpecs): OpenApi {
  const info = { title: 'Kubernetes', version }
  const docs = once(loadDocs)
  const perGroup = new Map<string, GroupDocument>()
  let current: Documents | undefined

  const groupDocument = (at: string, members: readonly AnyKind[]): GroupDocument => {
    const known = perGroup.get(at)
    if (known && known.members.length === members.length && known.members.every((kind, i) => kind === members[i])) return known
    const bytes = once(async () =>
      json({ openapi: '3.0.0', info, paths: pathsOf(members, 3), components: { schemas: definitions(members, schemas, await docs(), 3) } }),
    )
    const made = { members, bytes }
    perGroup.set(at, made)
    return made
  }

  function documents(): Documents {
    const revision = `${kinds.revision}/${aggregated?.revision ?? 0}`
    if (current?.revision === revision) return current
    const { all } = kinds
    const groups = new Map<string, AnyKind[]>()
    for (const kind of all) {
      const at = kind.group ? `apis/${kind.apiVersion}` : `api/${kind.version}`
      groups.set(at, [...(groups.get(at) ?? []), kind])
    }
    for (const at of perGroup.keys()) if (!groups.has(at)) perGroup.delete(at)
    const v3 = new Map([...[...groups].map(([at, members]): [string, Bytes] => [at, groupDocument(at, members).bytes]), ...(aggregated?.v3() ?? [])])
    const v2 = once(async (): Promise<Json> => {
      const own = { swagger: '2.0', info, paths: pathsOf(all, 2), definitions: definitions(all, schemas, await docs(), 2) }
      return aggregated?.addTo(own) ?? own
    })
    const index = once(async () => {
      const paths: Record<string, Json> = {}
      for (const [at, document] of v3) {
        // an extension server that does not answer any more is not in the index
        const bytes = await document().catch((error: unknown) => (groups.has(at) ? Promise.reject(error) : undefined))
        if (bytes) paths[at] = { serverRelativeURL: `/openapi/v3/${at}?hash=${contentHash(bytes)}` }
      }
      return json({ paths })
    })
    return (current = { revision, v3, index, v2Json: once(async () => json(await v2())), v2Protobuf: once(async () => documentProtobuf(await v2())) })
  }

  return {
    async serve(path, req, res) {
      const { v2Json, v2Protobuf, v3, index } = documents()
      if (path === '/openapi/v2') {
        const type = formOfV2(req.headers.accept)
        await sendTagged(req, res, type, type === 'application/json' ? await v2Json() : await v2Protobuf())
        return true
      }
      const document = path === '/openapi/v3' ? index : v3.get(path.replace(/^\/openapi\/v3\//, ''))
      if (!document || !path.startsWith('/openapi/v3')) return false
      const bytes = await document()
      const hashed = new URLSearchParams(req.url?.split('?')[1]).has('hash')
      // a hashed URL names its content for ever
      if (hashed) res.setHeader('Expires', new Date(Date.now() + 365 * 86_400_000).toUTCString())
      await sendTagged(req, res, 'application/json', bytes)
      return true
    },
  }
}

type Bytes = () => Promise<Buffer>

interface GroupDocument {
  readonly members: readonly AnyKind[]
  readonly bytes: Bytes
}

interface Documents {
  readonly revision: string
  readonly v3: ReadonlyMap<string, Bytes>
  readonly index: Bytes
  readonly v2Json: Bytes
  readonly v2Protobuf: Bytes
}

const json = (document: object): Buffer => Buffer.from(JSON.stringify(document))

async function loadDocs(): Promise<Docs> {
  return (await import('../kinds/generated/docs.json', { with: { type: 'json' } })).default as unknown as Docs
}

function formOfV2(accept: string | undefined): string {
  for (const { type } of parseAccept(accept)) {
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json'
    if (type === protobufType || type === oldProtobufType) return protobufType
  }
  throw notAcceptable(['application/json', protobufType])
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
