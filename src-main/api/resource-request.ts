import { ordered } from '../base/ordered.ts'
import { turns } from '../base/turns.ts'
import type { IncomingMessage } from 'node:http'
import { attributesOf, type Authorize, denied } from './authz.ts'
import { checkPatchOptions } from './apply.ts'
import { type Decoded, decodeBody, decodePatch, deleteOptionsBody, type Expected, patchType, readBody } from './body.ts'
import { scale } from '../kinds/autoscaling/scale.ts'
import { scaleColumns } from '../kinds/custom/columns.ts'
import { noSuchForm, plainFailure, type StatusError } from '../kinds/status-error.ts'
import { deleteOptions } from './delete-options.ts'
import { statusOfDeleted } from './deleted.ts'
import { answeredDefinition, partialDefinition, statusDefinition } from './forms.ts'
import { type Exchange, sendItem, sendJson, sendList } from './respond.ts'
import type { ResourceRoute } from './route.ts'
import { largeJsonBytes } from './json-guard.ts'
import type { LargeRequests } from './large-requests.ts'
import { subresourcesOf } from './subresource-list.ts'
import { columnDescriptions } from './column-docs.ts'
import { columnsOf, partialObject, tableJson } from './table.ts'
import type { DeleteRequest, Encoded, Listed, RequestContext, User } from './verbs.ts'
import { serveWatch, type WatchDependencies } from './watch-request.ts'

export interface ResourceDependencies extends WatchDependencies {
  readonly authorize: Authorize
  readonly largeRequests: LargeRequests
}

/** Answers a request about stored (or computed) objects. Rejects with a StatusError, before anything is sent. */
export async function serveResource(route: ResourceRoute, to: Exchange, user: User, deps: ResourceDependencies): Promise<void> {
  const { verbs } = deps
  const { kind, namespace, name = '', subresource } = route
  const ref = { namespace, name }
  if (kind.deprecation) {
    to.warnings.push(kind.deprecation)
    if (to.audit) Object.assign(to.audit, { 'k8s.io/deprecated': 'true', ...(kind.removedRelease ? { 'k8s.io/removed-release': kind.removedRelease } : {}) })
  }
  switch (route.verb) {
    case 'get':
      return answer(route, to, 200, await verbs.get(kind, ref, route.options.resourceVersion, subresource), deps)
    case 'list':
      return answerList(route, to, await verbs.list(kind, { ...route.options, namespace }), deps)
    case 'watch':
      return serveWatch(route, to, deps)
    case 'create':
    case 'update':
    case 'patch': {
      const bytes = await readBody(to.req)
      const serve = () => serveWrite(route, to, user, deps, bytes)
      if (bytes.length > largeJsonBytes && !isYaml(bytes)) return deps.largeRequests.run(user.name, serve)
      if (bytes.length > unnoticedBytes) await turns.pause()
      return serve()
    }
    case 'delete':
    case 'deletecollection':
      return remove(route, to, user, deps)
  }
}

/** What is no longer is served in a moment, however much of it arrives at once; of what is longer some tens together would hold everybody up. */
const unnoticedBytes = 16 * 1024

/** What is no JSON and no protobuf: it waits for a thread, and not for the event loop. */
const isYaml = (bytes: Buffer): boolean => !/^(\s*[{[]|k8s\0)/.test(bytes.toString('latin1', 0, 64))

async function serveWrite(route: ResourceRoute, to: Exchange, user: User, deps: ResourceDependencies, bytes: Buffer): Promise<void> {
  // nobody waits any more for what has been answered at its deadline
  if (to.res.writableEnded || to.res.destroyed) return
  const { verbs } = deps
  const { kind, namespace, name = '', subresource } = route
  const ref = { namespace, name }
  switch (route.verb) {
    case 'create': {
      const { value, context } = await read(route, to, user, bytes)
      if (subresource === undefined) {
        const created = await verbs.create(kind, namespace, value, context)
        to.created?.(created.object.metadata.name)
        return answer(route, to, 201, created, deps)
      }
      const object = await verbs.createSubresource(kind, ref, subresource, value, context)
      return sendItem(to, 201, { object }, answeredDefinition(route, object))
    }
    case 'update': {
      const { value, context } = await read(route, to, user, bytes)
      const result = await verbs.update(kind, ref, value, { ...context, authorizeCreate: creation(route, user, deps) }, subresource)
      return answer(route, to, result.created ? 201 : 200, result, deps)
    }
    case 'patch': {
      const type = patchType(to.req.headers['content-type'], kind)
      checkPatchOptions({ type, force: route.options.force }, route.options)
      const { value, ...decoded } = await decodePatch(bytes, type, kind).catch(async (error: unknown) => {
        // that there is nothing to patch is told before what is wrong with a patch
        if (type !== 'apply') await verbs.get(kind, ref)
        throw error
      })
      const context = { ...contextOf(route, to, user, decoded), authorizeCreate: creation(route, user, deps) }
      const result = await verbs.patch(kind, ref, { type, body: value, force: route.options.force }, context, subresource)
      return answer(route, to, result.created ? 201 : 200, result, deps)
    }
  }
}

/** Whoever may change an object may not always create it. */
const creation = (route: ResourceRoute, user: User, { authorize }: ResourceDependencies) => (): void => {
  const attributes = attributesOf({ ...route, verb: 'create' }, '')
  const { allowed, reason } = authorize(user, attributes)
  if (!allowed) throw denied(user, attributes, reason)
}

async function remove(route: ResourceRoute, to: Exchange, user: User, deps: WatchDependencies): Promise<void> {
  const { kind, namespace, name, options } = route
  const { request, dryRun } = await deletionOf(route, to.req)
  const context = { ...contextOf(route, to, user), dryRun }
  if (name === undefined) {
    return answerList(route, to, await deps.verbs.deleteCollection(kind, { ...options, namespace }, request, context), deps)
  }
  const deleted = await deps.verbs.delete(kind, { namespace, name }, request, context)
  const end = deleted.gone ? statusOfDeleted(kind, deleted.object) : undefined
  if (end) return sendItem(to, 200, { object: end }, statusDefinition)
  // as kube-apiserver: 202 for who asked for the dependents and has to wait
  const waits = !deleted.gone && request.orphanDependents === false
  return answer(route, to, waits ? 202 : 200, deleted, deps)
}

async function deletionOf({ kind, options }: ResourceRoute, req: IncomingMessage): Promise<{ request: DeleteRequest; dryRun: boolean }> {
  const bytes = await readBody(req)
  if (bytes.length === 0) return { request: options.deletion, dryRun: options.dryRun }
  return deleteOptions((await decodeBody(bytes, req.headers['content-type'], deleteOptionsBody)).value, kind.custom ? 'meta.k8s.io/v1' : 'v1')
}

/** A subresource's body is another type than its object, unless it is the object itself. */
function bodyOf({ kind, subresource }: ResourceRoute): Expected {
  const sends = subresourcesOf(kind).find(({ name }) => name === subresource)?.sends
  return sends ? { kind: sends.kind, schema: `io.k8s.api.${sends.group.split('.')[0] || 'core'}.${sends.version}.${sends.kind}` } : kind
}

async function read(route: ResourceRoute, to: Exchange, user: User, bytes: Buffer): Promise<{ value: unknown; context: RequestContext }> {
  const { value, ...decoded } = await decodeBody(bytes, to.req.headers['content-type'], bodyOf(route))
  return { value, context: contextOf(route, to, user, decoded) }
}

function contextOf({ options, verb }: ResourceRoute, to: Exchange, user: User, body?: Omit<Decoded, 'value'>): RequestContext {
  const { dryRun, fieldValidation, fieldManager } = options
  return { user, verb, dryRun, fieldValidation, fieldManager, userAgent: to.req.headers['user-agent'] ?? '', duplicateFields: body?.duplicates ?? [], sentText: body?.text, large: body?.large ?? false, json: body?.json, overflow: body?.overflow, warnings: to.warnings, audit: to.audit, until: to.until, waits: to.waits }
}

async function answer(route: ResourceRoute, to: Exchange, code: number, item: Encoded, deps: WatchDependencies): Promise<void> {
  const { as, apiVersion } = to.wanted
  if (as === undefined) return sendItem(to, code, item, answeredDefinition(route, item.object))
  // what Go keeps in maps says that it could be a list
  if (as === 'PartialObjectMetadataList' && route.kind.custom) throw plainFailure('content is not a list')
  if (as === 'PartialObjectMetadataList') throw notAsWanted(to, `the requested object is not a list (*${goType(route.kind, route.kind.kind, '')})`)
  if (as !== 'Table') return sendItem(to, code, { object: partialObject(item.object, apiVersion) }, partialDefinition)
  const { resourceVersion } = item.object.metadata
  return sendJson(to, code, await table(route, to, [item], { resourceVersion }, deps))
}

async function answerList(route: ResourceRoute, to: Exchange, list: Listed, deps: WatchDependencies): Promise<void> {
  const { items, ...metadata } = list
  const { as, apiVersion } = to.wanted
  switch (as) {
    case 'Table':
      return sendJson(to, 200, await table(route, to, items, metadata, deps))
    case 'PartialObjectMetadata':
      throw notAsWanted(to, `the requested object is a list (*${goType(route.kind, route.kind.listKind, 'List')})`)
    case 'PartialObjectMetadataList': {
      const parts = items.map(({ object }) => ({ object: partialObject(object, apiVersion) }))
      return sendList(to, { kind: as, apiVersion: apiVersion ?? '', metadata, items: parts, noneIsNull: true }, partialDefinition)
    }
    default: {
      const { kind } = route
      // what Go keeps as it is read says that there is no more
      const told = kind.custom ? ordered({ continue: '', ...metadata }) : metadata
      return sendList(to, { kind: kind.listKind, apiVersion: kind.apiVersion, metadata: told, items, ...(kind.custom ? { asMap: true } : { untyped: kind }) }, kind.schema)
    }
  }
}

async function table({ kind: own, subresource, options }: ResourceRoute, { wanted }: Exchange, items: readonly Encoded[], metadata: object, { clock }: WatchDependencies): Promise<Buffer> {
  const kind = subresource === 'scale' ? (own.custom ? { ...scale, columns: scaleColumns } : scale) : own
  const descriptions = await columnDescriptions(kind, columnsOf(kind))
  return tableJson(kind, items, metadata, { includeObject: options.includeObject, now: clock.now(), descriptions, apiVersion: wanted.apiVersion })
}

const notAsWanted = ({ wanted }: Exchange, but: string): StatusError => noSuchForm(`you requested ${wanted.as}, but ${but}`)

/** What Kubernetes' own code calls the type, which its sentences name. */
const goType = ({ group, custom }: ResourceRoute['kind'], name: string, suffix: string): string =>
  custom ? `unstructured.Unstructured${suffix}` : `${group.split('.')[0] || 'core'}.${name}`
