import type { ClusterRole } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkAggregation, checkRules, rbacGroup, roleColumns } from './rules.ts'

export type { ClusterRole }

export const clusterRole = defineKind<ClusterRole>({
  group: rbacGroup, version: 'v1', kind: 'ClusterRole', plural: 'clusterroles',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  names: 'path-segment',
  createOnUpdate: true,
  ownRules: true,
  validate: ({ rules, aggregationRule }, at) => [...checkRules(rules ?? [], at.child('rules'), true), ...checkAggregation(aggregationRule, at)],
  columns: roleColumns,
})
