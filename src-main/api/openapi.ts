import type { IncomingMessage, ServerResponse } from 'node:http'
import { jsonInSteps } from '../base/json-steps.ts'
import { type Steps, turns } from '../base/turns.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { documentSchemas } from '../kinds/document-schemas.ts'
import type { Schemas } from '../kinds/schema.ts'
import { schemas } from '../kinds/schemas.ts'
import { notAcceptable } from '../kinds/status-error.ts'
import type { AggregatedSpecs } from './aggregation/specs.ts'
import { contentHash, sendTagged } from './etag.ts'
import { parseAccept } from './negotiate.ts'
import { queryOf } from './query.ts'
import { otherDocuments } from './openapi-other-paths.ts'
import { type Parameters, shareParameters } from './openapi-parameters.ts'
import { pathsOf } from './openapi-paths.ts'
import { documentProtobuf } from './openapi-protobuf.ts'
import { definitions, type Docs, type Json } from './openapi-schema.ts'
import { v3Protobuf } from './openapi-v3-protobuf.ts'

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** What older clients ask for; a media type may not contain an `@`, and they refuse an answer that does. */
const oldProtobufType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
const v3ProtobufType = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf'
const oldV3ProtobufType = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf'

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
  const words = once(() => Promise.all([loadDocs(), loadParameters()]))
  const perGroup = new Map<string, GroupDocument>()
  let current: Documents | undefined

  function* groupDocumentOf(members: readonly AnyKind[], parameters: Parameters, said: Docs, others: readonly string[]): Steps<Buffer> {
    const paths = yield* pathsOf(members, parameters, 3)
    return yield* json({ openapi: '3.0.0', info, paths, components: { schemas: yield* definitions(members, described, said, 3, others), ...secured } })
  }

  function* otherDocument(paths: Readonly<Record<string, Json>>, said: Docs): Steps<Buffer> {
    const known = yield* definitions([], described, said, 3, documentTypes)
    return yield* json({ openapi: '3.0.0', info, paths, components: { schemas: withUsed(paths, known), ...secured } })
  }

  function* wholeDocument(all: readonly AnyKind[], parameters: Parameters, said: Docs): Steps<Json> {
    const whole = Object.assign(yield* pathsOf(all, parameters, 2), ...otherDocuments(all, 2).values()) as Record<string, Json>
    yield
    return { swagger: '2.0', info, ...shareParameters(whole), definitions: yield* definitions(all, described, said, 2, documentTypes), ...securedV2 }
  }

  const groupDocument = (at: string, members: readonly AnyKind[]): GroupDocument => {
    const known = perGroup.get(at)
    if (known && known.members.length === members.length && known.members.every((kind, i) => kind === members[i])) return known
    const bytes = once(async () => {
      const [said, parameters] = await words()
      const others = members.some(({ custom }) => !custom) ? documentTypes.slice(0, 2) : []
      return turns.finish(groupDocumentOf(members, parameters, said, others))
    })
    const made = { members, document: inBothForms(bytes) }
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
    const others = [...(aggregated?.v3() ?? [])].map(([at, bytes]): [string, Document] => [at, inBothForms(bytes)])
    const general = [...otherDocuments(all, 3)].map(([at, paths]): [string, Document] => [at, inBothForms(once(async () => turns.finish(otherDocument(paths, (await words())[0]))))])
    const v3 = new Map([...general, ...[...groups].map(([at, members]): [string, Document] => [at, groupDocument(at, members).document]), ...others])
    const v2 = once(async (): Promise<Json> => {
      const [said, parameters] = await words()
      const own = await turns.finish(wholeDocument(all, parameters, said))
      return aggregated?.addTo(own) ?? own
    })
    const index = once(async () => {
      const paths: Record<string, Json> = {}
      for (const [at, document] of v3) {
        // an extension server that does not answer any more is not in the index
        const bytes = await document.json().catch((error: unknown) => (groups.has(at) ? Promise.reject(error) : undefined))
        if (bytes) paths[at] = { serverRelativeURL: hashed(at, contentHash(bytes)) }
      }
      return turns.finish(json({ paths }))
    })
    return (current = { revision, v3, index, v2Json: once(async () => turns.finish(json(await v2()))), v2Protobuf: once(async () => turns.finish(documentProtobuf(await v2()))) })
  }

  return {
    async serve(path, req, res) {
      const { v2Json, v2Protobuf, v3, index } = documents()
      if (path === '/openapi/v2') {
        const type = formOfV2(req.headers.accept)
        await sendTagged(req, res, type, type === 'application/json' ? await v2Json() : await v2Protobuf())
        return true
      }
      if (path === '/openapi/v3') return sendTagged(req, res, 'application/json', await index()).then(() => true)
      const at = /^\/openapi\/v3\/(.+)$/.exec(path)?.[1] ?? ''
      const document = v3.get(at)
      if (!document) return false
      await sendV3(req, res, at, document)
      return true
    },
  }
}

/** As the URLs of the index ask for it: what a hash names never changes, and what a hash names no more is elsewhere. */
async function sendV3(req: IncomingMessage, res: ServerResponse, at: string, { json, protobuf }: Document): Promise<void> {
  const type = formOfV3(req.headers.accept)
  if (type === undefined) return void res.setHeader('Vary', 'Accept').writeHead(406).end()
  const name = contentHash(await json())
  const hash = queryOf(req.url ?? '').get('hash')
  if (hash && hash !== name) return void res.writeHead(301, { Location: hashed(at, name), Vary: 'Accept' }).end()
  if (hash) res.setHeader('Cache-Control', 'public, immutable').setHeader('Expires', new Date(Date.now() + 365 * 86_400_000).toUTCString())
  await sendTagged(req, res, type, await (type === v3ProtobufType ? protobuf() : json()), name)
}

const hashed = (at: string, name: string): string => `/openapi/v3/${at}?hash=${name}`

type Bytes = () => Promise<Buffer>

interface Document {
  readonly json: Bytes
  readonly protobuf: Bytes
}

const inBothForms = (bytes: Bytes): Document => ({ json: bytes, protobuf: once(async () => turns.finish(v3Protobuf(JSON.parse((await bytes()).toString()) as Json))) })

interface GroupDocument {
  readonly members: readonly AnyKind[]
  readonly document: Document
}

interface Documents {
  readonly revision: string
  readonly v3: ReadonlyMap<string, Document>
  readonly index: Bytes
  readonly v2Json: Bytes
  readonly v2Protobuf: Bytes
}

const described: Schemas = { ...schemas, ...documentSchemas }
const metaTypes = 'io.k8s.apimachinery.pkg.apis.meta.v1'
/** What the documents about groups and versions are, those first that a group's own has. */
const documentTypes = [...['APIResourceList', 'WatchEvent', 'APIGroup', 'APIGroupList', 'APIVersions'].map((name) => `${metaTypes}.${name}`), 'io.k8s.apimachinery.pkg.version.Info']

const bearerToken = { BearerToken: { description: 'Bearer Token authentication', in: 'header', name: 'authorization', type: 'apiKey' } }
const secured = { securitySchemes: bearerToken }
const securedV2 = { securityDefinitions: bearerToken, security: [{ BearerToken: [] }] }

/** The definitions that the paths refer to, and those that these refer to. */
function withUsed(paths: Json, known: Readonly<Record<string, Json>>): Record<string, Json> {
  const used: Record<string, Json> = {}
  const waiting: unknown[] = [paths]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used[name] || !known[name]) continue
      used[name] = known[name]
      waiting.push(known[name])
    }
  }
  return Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function* json(document: object): Steps<Buffer> {
  return Buffer.from(yield* jsonInSteps(document))
}

async function loadDocs(): Promise<Docs> {
  return (await import('../kinds/generated/docs.json', { with: { type: 'json' } })).default as unknown as Docs
}

async function loadParameters(): Promise<Parameters> {
  return (await import('../kinds/generated/parameters.json', { with: { type: 'json' } })).default
}

function formOfV2(accept: string | undefined): string {
  for (const { type } of parseAccept(accept)) {
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json'
    if (type === protobufType || type === oldProtobufType) return protobufType
  }
  throw notAcceptable(['application/json', protobufType])
}

function formOfV3(accept: string | undefined): string | undefined {
  for (const { type } of parseAccept(accept)) {
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json'
    if (type === v3ProtobufType || type === oldV3ProtobufType) return v3ProtobufType
  }
  return undefined
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
