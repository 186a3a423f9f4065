import type { RoleBinding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { bindingColumns, checkBinding, checkRoleRef, defaultBinding, rbacGroup } from './rules.ts'

export type { RoleBinding }

export const roleBinding = defineKind<RoleBinding>({
  group: rbacGroup, version: 'v1', kind: 'RoleBinding', plural: 'rolebindings',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  names: 'path-segment',
  createOnUpdate: true,
  default: defaultBinding,
  ownRules: true,
  validate: (binding, at) => checkBinding(binding, at, ['Role', 'ClusterRole']),
  validateUpdate: checkRoleRef,
  columns: bindingColumns('roleBinding'),
})
