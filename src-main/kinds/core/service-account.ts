import { age } from '../columns.ts'
import type { ServiceAccount } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { ServiceAccount }

export const serviceAccount = defineKind<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  columns: [{ name: 'Secrets', type: 'string', of: 'secrets', cell: ({ secrets }) => secrets?.length ?? 0 }, age],
})
