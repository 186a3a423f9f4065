import { age } from '../columns.ts'
import type { ResourceQuota } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { checkHard, checkScopes } from './quota-checks.ts'

export type { ResourceQuota }

export const resourceQuota = defineKind<ResourceQuota>({
  group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  status: true,
  default: (object) => {
    object.spec ??= {}
  },
  prepareCreate: (object) => {
    object.status = {}
  },
  ownRules: true,
  validate: ({ spec = {} }, at) => [...checkHard(spec.hard, at.child('spec', 'hard')), ...checkScopes(spec, at.child('spec'))],
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameSet(spec?.scopes, old?.scopes) ? [] : [at.child('spec', 'scopes').immutable(spec?.scopes)],
  validatePart: (_subresource, { status }, _old, at) => [...checkHard(status?.hard, at.child('status', 'hard')), ...checkHard(status?.used, at.child('status', 'used'))],
  columns: [
    { name: 'Request', type: 'string', description: 'Request represents a minimum amount of cpu/memory that a container may consume.', cell: (quota) => used(quota, (name) => !isLimit(name)) },
    { name: 'Limit', type: 'string', description: 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.', cell: (quota) => used(quota, isLimit) },
    age,
  ],
})

const sameSet = (a: readonly string[] = [], b: readonly string[] = []): boolean => new Set(a).symmetricDifference(new Set(b)).size === 0

const isLimit = (name: string): boolean => name.startsWith('limits.')

/** `cpu: 500m/2, pods: 3/10` of the names that `wanted` keeps. */
const used = ({ status }: ResourceQuota, wanted: (name: string) => boolean): string =>
  Object.entries(status?.hard ?? {})
    .filter(([name]) => wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${lookup(status?.used, name) ?? '0'}/${hard}`)
    .join(', ')
