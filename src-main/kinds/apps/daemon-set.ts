import { countOrPercent, nonNegative, notOver100Percent } from '../checks.ts'
import { age, showLabels, showSelector, templateColumns } from '../columns.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { warnOfTemplate } from '../core/pod-warnings.ts'
import { amountOf, checkCollisions, checkCounts, checkRunningTemplate, checkSelected, checkSelection, internalStrategy, noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { DaemonSet, DaemonSetSpec, DaemonSetUpdateStrategy } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { DaemonSet }

/** What was `spec.templateGeneration` before apps/v1; only the server counts it. */
const templateGeneration = 'deprecated.daemonset.template.generation'

function countTemplates({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps', version: 'v1', kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  status: true,
  generation: true,
  default: (object) => {
    // who sends none writes it all the same, and owns it
    object.metadata.annotations = { [templateGeneration]: '0', ...object.metadata.annotations }
    const spec = (object.spec ??= {} as DaemonSetSpec)
    spec.revisionHistoryLimit ??= 10
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ??= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate }
    defaultTemplate(spec.template)
  },
  prepareCreate: (object) => {
    object.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
    dropDisabledOfTemplate(object.spec?.template)
    countTemplates(object, Math.max(1, Number(object.metadata.annotations?.[templateGeneration]) || 1))
  },
  prepareUpdate: (object, old) => {
    dropDisabledOfTemplate(object.spec?.template, old.spec?.template)
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0)
    countTemplates(object, sameValue(object.spec?.template, old.spec?.template) ? before : before + 1)
  },
  ownRules: true,
  validate: ({ spec }, at) => checkSpec(spec ?? {}, at.child('spec')),
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  warn: ({ spec }, old) => (old && sameValue(spec?.template, old.spec?.template) ? [] : warnOfTemplate(spec?.template, 'spec.template')),
  validatePart: (_subresource, { status }, { status: old }, at) => [
    ...checkCounts(status, at.child('status'), counts),
    ...checkCollisions(status?.collisionCount, old?.collisionCount, at.child('status')),
  ],
  columns: [
    { name: 'Desired', type: 'integer', of: 'status.desiredNumberScheduled', cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', of: 'status.currentNumberScheduled', cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', of: 'status.numberReady', cell: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', of: 'status.updatedNumberScheduled', cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', of: 'status.numberAvailable', cell: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', of: 'spec.template.spec.nodeSelector', cell: ({ spec }) => showLabels(spec?.template?.spec?.nodeSelector) },
    age,
    ...templateColumns<DaemonSet>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

const counts = [
  'currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount',
]

function checkSpec(spec: Partial<DaemonSetSpec>, at: FieldPath): FieldError[] {
  const { selector, template = noTemplate(), minReadySeconds, updateStrategy = {}, revisionHistoryLimit } = spec
  const { errors, selects } = checkSelection(selector, at.child('selector'), 'daemonset')
  const here = at.child('template')
  return [
    // Kubernetes does not ask for this one, and nothing matches what is not there
    ...(selector ? errors : []),
    ...(selects ? checkSelected(selects, template.metadata?.labels, here) : []),
    ...checkRunningTemplate(template, here, 'DaemonSet'),
    ...nonNegative(minReadySeconds, at.child('minReadySeconds')),
    ...checkStrategy(updateStrategy, at.child('updateStrategy')),
    ...nonNegative(revisionHistoryLimit, at.child('revisionHistoryLimit')),
  ]
}

function checkStrategy({ type, rollingUpdate }: DaemonSetUpdateStrategy, at: FieldPath): FieldError[] {
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') return [at.notSupported(internalStrategy(type, rollingUpdate), ['RollingUpdate', 'OnDelete'])]
  if (!rollingUpdate) return [at.child('rollingUpdate').required()]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const [unavailable, surge] = [at.child('rollingUpdate', 'maxUnavailable'), at.child('rollingUpdate', 'maxSurge')]
  const errors = [
    ...countOrPercent(maxUnavailable, unavailable), ...countOrPercent(maxSurge, surge),
    ...notOver100Percent(maxUnavailable, unavailable), ...notOver100Percent(maxSurge, surge),
  ]
  const [hasUnavailable, hasSurge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (hasUnavailable && hasSurge) errors.push(surge.invalid(maxSurge, 'may not be set when maxUnavailable is non-zero'))
  if (!hasUnavailable && !hasSurge) errors.push(unavailable.required('cannot be 0 when maxSurge is 0'))
  return errors
}
