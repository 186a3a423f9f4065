import { age } from '../columns.ts'
import type { ServiceAccount } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { ServiceAccount }

const enforced = 'kubernetes.io/enforce-mountable-secrets'

export const serviceAccount = defineKind<ServiceAccount>({
  group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  warn: ({ metadata }, old) => {
    const isNew = metadata.annotations?.[enforced] !== undefined && old?.metadata.annotations?.[enforced] === undefined
    return isNew ? [`metadata.annotations[${enforced}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`] : []
  },
  columns: [age],
})
