import { showLabels } from '../columns.ts'
import type { PodTemplate } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { dropDisabledOfTemplate } from './disabled-fields.ts'
import { checkTemplate, defaultTemplate } from './pod-spec.ts'
import { warnOfTemplate } from './pod-warnings.ts'

export type { PodTemplate }

export const podTemplate = defineKind<PodTemplate>({
  group: '', version: 'v1', kind: 'PodTemplate', plural: 'podtemplates',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.PodTemplate',
  generation: true,
  default: ({ template }) => defaultTemplate(template),
  prepareCreate: ({ template }) => dropDisabledOfTemplate(template),
  prepareUpdate: ({ template }, { template: old }) => dropDisabledOfTemplate(template, old),
  ownRules: true,
  warn: ({ template }, old) => (old && sameValue(template, old.template) ? [] : warnOfTemplate(template, 'template')),
  validate: ({ template = {} }, at) => checkTemplate(template, at.child('template')),
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    { name: 'Containers', type: 'string', description: 'Names of each container in the template.', cell: ({ template }) => template?.spec?.containers?.map(({ name }) => name).join(',') ?? '' },
    { name: 'Images', type: 'string', description: 'Images referenced by each container in the template.', cell: ({ template }) => template?.spec?.containers?.map(({ image }) => image ?? '').join(',') ?? '' },
    { name: 'Pod Labels', type: 'string', description: 'The labels for the pod template.', cell: ({ template }) => showLabels(template?.metadata?.labels) },
  ],
})
