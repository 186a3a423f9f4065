import { each, say, unique } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { FlowSchema, FlowSchemaSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { conditionOf } from '../meta.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { checkFlowRules } from './flow-rules.ts'
import { internalFlowSchema } from './internal-form.ts'
import { flowControlGroup, mandatoryFlowSchemas } from './mandatory.ts'

export type { FlowSchema }

/** FlowSchemaMaxMatchingPrecedence of Kubernetes. */
const maxPrecedence = 10_000
const methods = ['ByNamespace', 'ByUser']

export const flowSchema = defineKind<FlowSchema>({
  group: flowControlGroup, version: 'v1', kind: 'FlowSchema', plural: 'flowschemas',
  namespaced: false,
  schema: 'io.k8s.api.flowcontrol.v1.FlowSchema',
  status: true,
  statusKeeps: 'all',
  generation: true,
  default: (schema) => {
    const spec = (schema.spec ??= {} as FlowSchemaSpec)
    spec.matchingPrecedence ||= 1000
  },
  ownRules: true,
  validate: ({ metadata: { name = '' }, spec = { priorityLevelConfiguration: { name: '' } }, status }, at) => {
    const fixed = lookup(mandatoryFlowSchemas, name)
    const conditions = at.child('status', 'conditions')
    return [
      ...checkSpec(name, spec, at.child('spec')),
      ...(fixed && !sameValue(fixed, spec) ? [at.child('spec').invalid(internalFlowSchema(spec), `spec of ${JSON.stringify(name)} must equal the fixed value`)] : []),
      ...unique(status?.conditions, ({ type }) => type, (i) => conditions.child(i, 'type')),
      ...each(status?.conditions, conditions, ({ type }, here) => (type ? [] : [here.child('type').required('must not be empty')])),
    ]
  },
  columns: [
    { name: 'PriorityLevel', type: 'string', of: 'spec.priorityLevelConfiguration.name', cell: ({ spec }) => spec?.priorityLevelConfiguration?.name },
    { name: 'MatchingPrecedence', type: 'string', of: 'spec.matchingPrecedence', cell: ({ spec }) => spec?.matchingPrecedence },
    { name: 'DistinguisherMethod', type: 'string', of: 'spec.distinguisherMethod', cell: ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>' },
    age,
    { name: 'MissingPL', type: 'string', description: 'references a broken or non-existent PriorityLevelConfiguration', cell: ({ status }) => conditionOf(conditionsOf(status), 'Dangling')?.status ?? '?' },
  ],
})

/** As other kinds' conditions: here every field may be absent. */
export const conditionsOf = (status: FlowSchema['status']) => status?.conditions?.map((each) => ({ ...each, type: each.type ?? '', status: each.status ?? '' }))

function checkSpec(name: string, spec: FlowSchemaSpec, at: FieldPath): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration, rules } = spec
  const errors: FieldError[] = []
  const order = at.child('matchingPrecedence')
  if (precedence <= 0) errors.push(order.invalid(precedence, 'must be a positive value'))
  if (precedence > maxPrecedence) errors.push(order.invalid(precedence, `must not be greater than ${maxPrecedence}`))
  if (precedence === 1 && name !== 'exempt') errors.push(order.invalid(precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  const { type: method = '' } = (distinguisherMethod ?? {}) as Partial<NonNullable<typeof distinguisherMethod>>
  if (distinguisherMethod && !methods.includes(method)) errors.push(at.child('distinguisherMethod', 'type').notSupported({ Type: method }, methods))
  const named = at.child('priorityLevelConfiguration', 'name')
  const level = priorityLevelConfiguration?.name
  if (!level) errors.push(named.required('must reference a priority level'))
  else errors.push(...say(named, level, isDNS1123Subdomain(level)))
  return [...errors, ...each(rules, at.child('rules'), checkFlowRules)]
}
