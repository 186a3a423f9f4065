import { createHash } from 'node:crypto'
import { type AnyKind, keptKind, type Verb } from '../kinds/kind.ts'
import type { Aggregation } from './aggregation/aggregation.ts'
import type { Body } from './codec.ts'
import { codecOf } from './codecs.ts'
import { type Answers, firstOf, negotiate } from './negotiate.ts'
import type { Typed } from './protobuf-encode.ts'
import { discoveryV2, metaV1 } from './protobuf-messages.ts'
import { subresourcesOf } from './subresource-list.ts'

/** A document that is JSON, with the media type it is. */
export interface Document {
  readonly type: string
  readonly body: object
}

/** A discovery document in the form that the client wants. */
export interface Written {
  readonly type: string
  readonly bytes: Body | Promise<Body>
}

interface Group {
  readonly name: string
  readonly versions: readonly string[]
}

/** What extension servers answer, and where it stands among the rest. */
type Extensions = Pick<Aggregation, 'arrange' | 'version'>

/** The document at `/api`, `/apis`, `/api/v1`, `/apis/<group>` or `/apis/<group>/<version>`; undefined when there is none. */
export function discover(path: string, kinds: readonly AnyKind[], accept: string | undefined, address: string, extensions?: Extensions): Written | undefined {
  const steps = path.split('/').slice(1)
  const own = groupsOf(kinds)
  const groups = extensions?.arrange(own) ?? own
  if (path === '/api' || path === '/apis') {
    const core = path === '/api'
    const wanted = groups.filter(({ name }) => (name === '') === core)
    return aggregated(wanted, kinds, accept, extensions) ?? plain(core ? coreVersions(address) : groupList(wanted), accept)
  }
  const [root, group = '', version = ''] = steps[0] === 'api' ? ['api', '', steps[1]] : steps
  if (root !== 'api' && root !== 'apis') return undefined
  if (steps.length > (root === 'api' ? 2 : 3)) return undefined
  const found = groups.find(({ name }) => name === group)
  if (!found || (root === 'apis' && group === '')) return undefined
  if (root === 'apis' && steps.length === 2) return plain({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(found) }, accept)
  return found.versions.includes(version) ? plain(resourceList(kindsOf(kinds, group, version)), accept) : undefined
}

/** @throws StatusError 406 */
function plain(object: Typed, accept: string | undefined): Written {
  const codec = codecOf(negotiate(accept))
  return { type: codec.mediaType, bytes: codec.object({ object }, `${metaV1}.${object.kind}`) }
}

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

/** While a kind comes to its end it is not said that anything of it can be changed. */
const shownVerbs = ({ verbs, ending }: AnyKind): readonly Verb[] => (ending ? verbs.filter((verb) => !['create', 'patch', 'update'].includes(verb)) : verbs)

function resourceList(kinds: readonly AnyKind[]) {
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.plural, singularName: kind.singular, namespaced: kind.namespaced, kind: kind.kind, verbs: shownVerbs(kind),
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
const storageVersionHash = (shown: AnyKind): string => {
  const { group, version, kind } = keptKind(shown)
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')
}

const isAggregated: Answers = ({ as, apiVersion = '' }) => as === 'APIGroupDiscoveryList' && /^apidiscovery\.k8s\.io\/v2(beta1)?$/.test(apiVersion)

/** All groups in one answer, as clients from 1.26 ask for it. Undefined when the client does not. */
function aggregated(groups: readonly Group[], kinds: readonly AnyKind[], accept: string | undefined, extensions?: Extensions): Written | undefined {
  const wanted = firstOf(accept, isAggregated)
  if (!wanted) return undefined
  const { apiVersion = '', as: kind = '' } = wanted
  const codec = codecOf(wanted)
  const items = groups.map(({ name, versions }) => ({
    metadata: name ? { name } : {},
    versions: versions.map((v) => ({
      version: v, ...(extensions?.version(name, v) ?? { resources: kindsOf(kinds, name, v).map(aggregatedResource), freshness: 'Current' }),
    })),
  }))
  return {
    type: `${codec.mediaType};g=apidiscovery.k8s.io;v=${apiVersion.split('/')[1]};as=${kind}`,
    bytes: codec.object({ object: { kind, apiVersion, metadata: {}, items } as Typed }, `${discoveryV2}.${kind}`),
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
    verbs: shownVerbs(kind),
    ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}
