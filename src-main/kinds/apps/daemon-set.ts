import { checkWorkloadSelector, countOrPercent, nonNegative, notOver100Percent } from '../checks.ts'
import { age, showLabels, showSelector, templateColumns } from '../columns.ts'
import { checkRunningTemplate, defaultTemplate } from '../core/pod-spec.ts'
import type { DaemonSet, DaemonSetSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { DaemonSet }

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps', version: 'v1', kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  status: true,
  generation: true,
  default: (object) => {
    const spec = (object.spec ??= {} as DaemonSetSpec)
    spec.revisionHistoryLimit ??= 10
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ??= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate }
    defaultTemplate(spec.template)
  },
  prepareCreate: (object) => {
    object.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    const rolling = at.child('updateStrategy', 'rollingUpdate')
    const { maxUnavailable, maxSurge } = spec?.updateStrategy?.rollingUpdate ?? {}
    return [
      ...checkWorkloadSelector(spec?.selector, spec?.template?.metadata?.labels, at, 'daemonset'),
      ...checkRunningTemplate(spec?.template, at.child('template'), 'DaemonSet'),
      ...nonNegative(spec?.minReadySeconds, at.child('minReadySeconds')),
      ...countOrPercent(maxUnavailable, rolling.child('maxUnavailable')),
      ...notOver100Percent(maxUnavailable, rolling.child('maxUnavailable')),
      ...countOrPercent(maxSurge, rolling.child('maxSurge')),
    ]
  },
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  columns: [
    { name: 'Desired', type: 'integer', cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', cell: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', cell: ({ spec }) => showLabels(spec?.template?.spec?.nodeSelector) },
    age,
    ...templateColumns<DaemonSet>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})
