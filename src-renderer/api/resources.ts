import type { Status } from '../../src-main/kinds/generated/types.ts'
import type { KubeObject, ObjectList } from '../../src-main/kinds/meta.ts'
import { ApiError } from './errors.ts'
import { apiVersionOf, pathOf, type KindInfo } from './kinds.ts'

/** Names one object of a known kind. */
export interface Ref {
  namespace?: string
  name: string
}

export const refOf = (object: KubeObject): Ref => ({ namespace: object.metadata.namespace, name: object.metadata.name ?? '' })

/** The answer of a request that succeeded; an ApiError for every other outcome. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await send(path, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiError({ code: 0, reason: 'Unreachable', message: error instanceof Error ? error.message : String(error) })
  }
  if (!response.ok) throw await errorOf(response)
  return response
}

/** A read that got no answer is asked once more: a browser drops requests when the machine's networks change. */
async function send(path: string, init: RequestInit): Promise<Response> {
  const options: RequestInit = { credentials: 'same-origin', ...init }
  if (init.method && init.method !== 'GET') return fetch(path, options)
  return fetch(path, options).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    return fetch(path, options)
  })
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text()
  const status = parseStatus(text)
  return new ApiError({ ...status, code: response.status, message: status?.message || text.slice(0, 500) || `HTTP ${response.status} ${response.statusText}`, reason: status?.reason ?? reasonOf(response.status) })
}

function parseStatus(text: string): Partial<Status> | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status>
    return value && value.kind === 'Status' ? value : undefined
  } catch {
    return undefined
  }
}

const reasonOf = (code: number): string => ({ 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 409: 'Conflict', 410: 'Expired', 429: 'TooManyRequests' })[code] ?? ''

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await request(path, init)).json()) as T
}

const body = (method: string, value: unknown, type = 'application/json'): RequestInit => ({
  method, body: JSON.stringify(value), headers: { 'content-type': type },
})

export async function listObjects<T extends KubeObject>(kind: KindInfo<T>, signal?: AbortSignal): Promise<ObjectList<T>> {
  const list = await json<ObjectList<T>>(pathOf(kind), { signal })
  // items of a list carry no kind of their own
  list.items = (list.items ?? []).map((item) => ({ ...item, apiVersion: item.apiVersion ?? apiVersionOf(kind), kind: item.kind ?? kind.kind }))
  return list
}

export const getObject = <T extends KubeObject>(kind: KindInfo<T>, ref: Ref): Promise<T> => json<T>(pathOf(kind, ref))

export const createObject = <T extends KubeObject>(kind: KindInfo<T>, object: T): Promise<T> =>
  json<T>(pathOf(kind, { namespace: object.metadata.namespace ?? 'default' }), body('POST', object))

/** Writes the whole object; the cluster answers Conflict when it changed since it was read. */
export const replaceObject = <T extends KubeObject>(kind: KindInfo<T>, object: T): Promise<T> =>
  json<T>(pathOf(kind, refOf(object)), body('PUT', object))

export async function scaleObject(kind: KindInfo, ref: Ref, replicas: number): Promise<void> {
  await request(`${pathOf(kind, ref)}/scale`, body('PATCH', { spec: { replicas } }, 'application/merge-patch+json'))
}

/** Deletes in the background: what the object owns follows it. */
export async function deleteObject(kind: KindInfo, ref: Ref): Promise<void> {
  await request(pathOf(kind, ref), body('DELETE', { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }))
}
