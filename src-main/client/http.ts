import { parseJson } from '../base/json.ts'
import type { AnyKind, Kind } from '../kinds/kind.ts'
import type { KubeObject, ObjectList, ObjectRef, WatchEvent } from '../kinds/meta.ts'
import { StatusError, internal } from '../kinds/status-error.ts'
import { nameOf, typed } from './body.ts'
import type { Client, DeleteOptions, ListOptions, Patch, PatchOptions, WatchOptions } from './client.ts'
import { createTransport, type Connection, type Transport } from './transport.ts'

export interface HttpClient extends Client {
  /** Ends the watches and closes the connections. */
  close(): void
}

const mediaTypes: Readonly<Record<Patch['type'], string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

/** The client over the wire: HTTPS with connections kept alive, one more connection for each watch. */
export function httpClient(connection: Connection): HttpClient {
  const transport = createTransport(connection)
  return {
    async get<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef) {
      return typed(kind, (await transport.request('GET', path(kind, ref.namespace, ref.name))) as T)
    },
    async list<T extends KubeObject>(kind: Kind<T>, { namespace, ...parameters }: ListOptions = {}) {
      const list = (await transport.request('GET', path(kind, namespace) + query(parameters))) as ObjectList<T>
      // a Go server leaves apiVersion and kind out of the items
      return { ...list, items: list.items.map((item) => (item.kind ? item : typed(kind, item))) }
    },
    watch: <T extends KubeObject>(kind: Kind<T>, options: WatchOptions = {}) => watch(transport, kind, options),
    async create<T extends KubeObject>(kind: Kind<T>, object: Omit<T, 'apiVersion' | 'kind'>) {
      const body = typed(kind, object)
      return (await transport.request('POST', path(kind, (object as T).metadata.namespace), body)) as T
    },
    update: <T extends KubeObject>(kind: Kind<T>, object: T) => put(transport, kind, object),
    updateStatus: <T extends KubeObject>(kind: Kind<T>, object: T) => put(transport, kind, object, 'status'),
    async patch<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options: PatchOptions = {}) {
      const at = path(kind, ref.namespace, ref.name, options.subresource)
      return (await transport.request('PATCH', at, patch.body, mediaTypes[patch.type])) as T
    },
    async delete<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, options: DeleteOptions = {}) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options }
      const answer = await transport.request('DELETE', path(kind, ref.namespace, ref.name), body)
      return deleted(kind, ref, answer as T)
    },
    async createSubresource(kind, ref, subresource, body) {
      return (await transport.request('POST', path(kind, ref.namespace, ref.name, subresource), body)) as KubeObject
    },
    close: () => transport.close(),
  }
}

async function put<T extends KubeObject>(transport: Transport, kind: Kind<T>, object: T, subresource?: string): Promise<T> {
  const at = path(kind, object.metadata.namespace, nameOf(kind, object), subresource)
  return (await transport.request('PUT', at, typed(kind, object))) as T
}

/** An object that is gone at once is answered with a Status, which names it and no more. */
function deleted<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, answer: T): T {
  if (answer.kind !== 'Status' || kind.kind === 'Status') return answer
  const { details } = answer as unknown as { details?: { uid?: string } }
  return { ...typed(kind, {}), metadata: { ...ref, uid: details?.uid } } as unknown as T
}

async function* watch<T extends KubeObject>(transport: Transport, kind: Kind<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const { namespace, signal, ...parameters } = options
  if (signal?.aborted) return
  const lines = transport.lines(path(kind, namespace) + query({ ...parameters, watch: true }), signal)
  for await (const line of lines) {
    const event = parseJson(line) as WatchEvent<T> | { type: 'ERROR'; object: StatusError['status'] }
    if (signal?.aborted) return
    if (event.type === 'ERROR') throw new StatusError(event.object)
    if (!event.object.kind) throw internal(`a watch of ${kind.plural} delivered an object without a kind`)
    yield event
  }
}

function path(kind: AnyKind, namespace?: string, name?: string, subresource?: string): string {
  const steps = kind.group ? ['apis', kind.group, kind.version] : ['api', kind.version]
  if (kind.namespaced && namespace) steps.push('namespaces', namespace)
  steps.push(kind.plural)
  if (name !== undefined) steps.push(name)
  return `/${steps.map(encodeURIComponent).join('/')}${subresource ? `/${subresource}` : ''}`
}

function query(parameters: object): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text ? `?${text}` : ''
}
