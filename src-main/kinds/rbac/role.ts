import type { Role } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkRules, rbacGroup, roleColumns } from './rules.ts'

export type { Role }

export const role = defineKind<Role>({
  group: rbacGroup, version: 'v1', kind: 'Role', plural: 'roles',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.Role',
  names: 'path-segment',
  createOnUpdate: true,
  ownRules: true,
  validate: ({ rules }, at) => checkRules(rules ?? [], at.child('rules'), false),
  columns: roleColumns,
})
