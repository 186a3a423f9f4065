import type { AnyKind, Verb } from '../kinds/kind.ts'
import type { Expected } from './decode.ts'

/** What can be asked of an object below its own path. */
export interface Subresource {
  readonly name: string
  readonly verbs: readonly Verb[]
  /** What goes over the wire, when it is not the object itself. */
  readonly sends?: { readonly group: string; readonly version: string; readonly kind: string }
}

const readWrite: readonly Verb[] = ['get', 'patch', 'update']
const connect: readonly Verb[] = ['create', 'get']
const anything: readonly Verb[] = ['create', 'delete', 'get', 'patch', 'update']
const scale = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
const options = (kind: string) => ({ group: '', version: 'v1', kind })

/** By group and plural: those that no part of a kind's definition tells. */
const ownSubresources: Readonly<Record<string, readonly Subresource[]>> = {
  '/pods': [
    { name: 'attach', verbs: connect, sends: options('PodAttachOptions') },
    { name: 'binding', verbs: ['create'], sends: options('Binding') },
    { name: 'ephemeralcontainers', verbs: readWrite },
    { name: 'eviction', verbs: ['create'], sends: { group: 'policy', version: 'v1', kind: 'Eviction' } },
    { name: 'exec', verbs: connect, sends: options('PodExecOptions') },
    { name: 'log', verbs: ['get'] },
    { name: 'portforward', verbs: connect, sends: options('PodPortForwardOptions') },
    { name: 'proxy', verbs: anything, sends: options('PodProxyOptions') },
    { name: 'resize', verbs: readWrite },
  ],
  '/nodes': [{ name: 'proxy', verbs: anything, sends: options('NodeProxyOptions') }],
  '/services': [{ name: 'proxy', verbs: anything, sends: options('ServiceProxyOptions') }],
  '/serviceaccounts': [{ name: 'token', verbs: ['create'], sends: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } }],
  '/namespaces': [{ name: 'finalize', verbs: ['update'] }],
}

/** Its options come in the query, and what goes to and fro has no schema. */
export const isConnection = ({ sends }: Subresource): boolean => sends?.kind.endsWith('Options') === true

/** Definitions do not change, and every request for a subresource asks. */
const known = new WeakMap<AnyKind, readonly Subresource[]>()

/** In the order discovery shows them. */
export function subresourcesOf(kind: AnyKind): readonly Subresource[] {
  const found = known.get(kind) ?? listOf(kind)
  known.set(kind, found)
  return found
}

function listOf(kind: AnyKind): Subresource[] {
  const found = [...(ownSubresources[`${kind.group}/${kind.plural}`] ?? [])]
  for (const name of Object.keys(kind.parts ?? {})) if (name !== 'status') found.push({ name, verbs: readWrite })
  if (kind.scale) found.push({ name: 'scale', verbs: readWrite, sends: scale })
  if (kind.status) found.push({ name: 'status', verbs: readWrite })
  // those of a custom resource stand the other way round
  return found.sort((a, b) => (a.name < b.name !== Boolean(kind.custom) ? -1 : 1))
}

/** The type that a subresource is sent, where it is not the object itself. */
export function sentType(kind: AnyKind, subresource: string | undefined): Expected | undefined {
  const sends = subresourcesOf(kind).find(({ name }) => name === subresource)?.sends
  if (!sends) return undefined
  const { group, version } = sends
  return { apiVersion: group ? `${group}/${version}` : version, version, kind: sends.kind, schema: `io.k8s.api.${group.split('.')[0] || 'core'}.${version}.${sends.kind}` }
}
