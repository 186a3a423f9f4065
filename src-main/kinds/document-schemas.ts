import type { FieldSchema, Schemas } from './schema.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const text: FieldSchema = { type: 'string' }
const needed: FieldSchema = { type: 'string', required: true, default: '' }
const typeMeta = { apiVersion: text, kind: text }
const texts: FieldSchema = { type: 'array', items: text, listType: 'atomic' }
const arrayOf = (ref: string): FieldSchema => ({ type: 'array', items: { type: 'object', ref: `${meta}.${ref}` }, listType: 'atomic' })
const listOf = (ref: string): FieldSchema => ({ ...arrayOf(ref), required: true })

/** What discovery, watches and `/version` answer: types that OpenAPI describes, and nobody sends. */
export const documentSchemas: Schemas = {
  [`${meta}.APIGroup`]: {
    fields: {
      ...typeMeta, name: needed, preferredVersion: { type: 'object', ref: `${meta}.GroupVersionForDiscovery`, default: {} },
      serverAddressByClientCIDRs: arrayOf('ServerAddressByClientCIDR'), versions: listOf('GroupVersionForDiscovery'),
    },
  },
  [`${meta}.APIGroupList`]: { fields: { ...typeMeta, groups: listOf('APIGroup') } },
  [`${meta}.APIResource`]: {
    fields: {
      categories: texts, group: text, kind: needed, name: needed, namespaced: { type: 'boolean', required: true, default: false },
      shortNames: texts, singularName: needed, storageVersionHash: text, verbs: { type: 'array', items: text, required: true }, version: text,
    },
  },
  [`${meta}.APIResourceList`]: { fields: { ...typeMeta, groupVersion: needed, resources: listOf('APIResource') } },
  [`${meta}.APIVersions`]: { fields: { ...typeMeta, serverAddressByClientCIDRs: listOf('ServerAddressByClientCIDR'), versions: { ...texts, required: true } } },
  [`${meta}.GroupVersionForDiscovery`]: { fields: { groupVersion: needed, version: needed } },
  [`${meta}.ServerAddressByClientCIDR`]: { fields: { clientCIDR: needed, serverAddress: needed } },
  [`${meta}.WatchEvent`]: { fields: { object: { type: 'any', ref: 'io.k8s.apimachinery.pkg.runtime.RawExtension', required: true }, type: needed } },
  'io.k8s.apimachinery.pkg.version.Info': {
    fields: Object.fromEntries(
      ['buildDate', 'compiler', 'emulationMajor', 'emulationMinor', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minCompatibilityMajor', 'minCompatibilityMinor', 'minor', 'platform']
        .map((name) => [name, /^(emulation|minCompatibility)/.test(name) ? text : needed]),
    ),
  },
}
