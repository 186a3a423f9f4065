import type { ClusterRoleBinding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { bindingColumns, checkBinding, checkRoleRef, defaultBinding, rbacGroup } from './rules.ts'

export type { ClusterRoleBinding }

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: rbacGroup, version: 'v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  names: 'path-segment',
  createOnUpdate: true,
  default: defaultBinding,
  ownRules: true,
  validate: (binding, at) => checkBinding(binding, at, ['ClusterRole']),
  validateUpdate: checkRoleRef,
  columns: bindingColumns('clusterRoleBinding'),
})
