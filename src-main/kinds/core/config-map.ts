import type { ConfigMap } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { ConfigMap }

export const configMap = defineKind<ConfigMap>({
  group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
})
