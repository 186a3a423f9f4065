import { createHash } from 'node:crypto'
import type { AnyKind } from '../kinds/kind.ts'
import { parseAccept } from './negotiate.ts'
import { subresourcesOf } from './subresource-list.ts'

/** A discovery document, with the media type it is. */
export interface Document {
  readonly type: string
  readonly body: object
}

interface Group {
  readonly name: string
  readonly versions: readonly string[]
}

/** The document at `/api`, `/apis`, `/api/v1`, `/apis/<group>` or `/apis/<group>/<version>`; undefined when there is none. */
export function discover(path: string, kinds: readonly AnyKind[], accept: string | undefined, address: string): Document | undefined {
  const steps = path.split('/').slice(1)
  const groups = groupsOf(kinds)
  if (path === '/api' || path === '/apis') {
    const core = path === '/api'
    const wanted = groups.filter(({ name }) => (name === '') === core)
    return aggregated(wanted, kinds, accept) ?? plain(core ? coreVersions(address) : groupList(wanted))
  }
  const [root, group = '', version = ''] = steps[0] === 'api' ? ['api', '', steps[1]] : steps
  if (root !== 'api' && root !== 'apis') return undefined
  if (steps.length > (root === 'api' ? 2 : 3)) return undefined
  const found = groups.find(({ name }) => name === group)
  if (!found || (root === 'apis' && group === '')) return undefined
  if (root === 'apis' && steps.length === 2) return plain({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(found) })
  return found.versions.includes(version) ? plain(resourceList(kindsOf(kinds, group, version))) : undefined
}

const plain = (body: object): Document => ({ type: 'application/json', body })

export function groupsOf(kinds: readonly AnyKind[]): Group[] {
  const groups = new Map<string, Set<string>>()
  for (const { group, version } of kinds) {
    const versions = groups.get(group) ?? new Set()
    groups.set(group, versions.add(version))
  }
  return [...groups].map(([name, versions]) => ({ name, versions: [...versions] }))
}

const kindsOf = (kinds: readonly AnyKind[], group: string, version: string): AnyKind[] =>
  kinds.filter((kind) => kind.group === group && kind.version === version)

const coreVersions = (serverAddress: string) => ({
  kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})

const groupList = (groups: readonly Group[]) => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupOf) })

function groupOf({ name, versions }: Group) {
  const listed = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

function resourceList(kinds: readonly AnyKind[]) {
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.plural, singularName: kind.singular, namespaced: kind.namespaced, kind: kind.kind, verbs: kind.verbs,
      ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories ? { categories: kind.categories } : {}),
      ...(kind.verbs.includes('create') ? { storageVersionHash: storageVersionHash(kind) } : {}),
    },
    ...subresourcesOf(kind).map(({ name, verbs, sends }) => ({
      name: `${kind.plural}/${name}`, singularName: '', namespaced: kind.namespaced,
      ...(sends && sends.group !== kind.group ? { group: sends.group, version: sends.version } : {}),
      kind: sends?.kind ?? kind.kind, verbs,
    })),
  ])
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: kinds[0]!.apiVersion, resources }
}

/** As apiserver's StorageVersionHash: the first 8 bytes of a hash over group, version and kind. */
const storageVersionHash = ({ group, version, kind }: AnyKind): string =>
  createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')

/** All groups in one answer, as clients from 1.26 ask for it. Undefined when the client does not. */
function aggregated(groups: readonly Group[], kinds: readonly AnyKind[], accept: string | undefined): Document | undefined {
  const range = parseAccept(accept).find(({ type, parameters: p }) =>
    (type === 'application/json' && p['as'] === undefined) || type === '*/*' ||
    (type === 'application/json' && p['as'] === 'APIGroupDiscoveryList' && p['g'] === 'apidiscovery.k8s.io' && /^v2(beta1)?$/.test(p['v'] ?? '')),
  )
  const version = range?.parameters['v']
  if (range?.parameters['as'] === undefined || version === undefined) return undefined
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name ? { name } : {}), creationTimestamp: null },
    versions: versions.map((v) => ({ version: v, resources: kindsOf(kinds, name, v).map(aggregatedResource), freshness: 'Current' })),
  }))
  return {
    type: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    body: { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items },
  }
}

function aggregatedResource(kind: AnyKind) {
  const subresources = subresourcesOf(kind).map(({ name, verbs, sends }) => ({
    subresource: name,
    responseKind: sends ?? { group: kind.group, version: kind.version, kind: kind.kind },
    verbs,
  }))
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}
