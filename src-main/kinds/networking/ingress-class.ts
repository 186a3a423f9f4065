import { age } from '../columns.ts'
import type { IngressClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { IngressClass }

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', plural: 'ingressclasses',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  generation: true,
  validateUpdate: ({ spec }, { spec: old }, at) =>
    spec?.controller === old?.controller ? [] : [at.child('spec', 'controller').immutable(spec?.controller)],
  columns: [
    { name: 'Controller', type: 'string', cell: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', cell: parametersOf },
    age,
  ],
})

function parametersOf({ spec }: IngressClass): string {
  if (!spec?.parameters) return '<none>'
  const { kind, apiGroup, name } = spec.parameters
  return `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`
}
