import { checkSelector, nonNegative } from '../checks.ts'
import { age, showDuration, showSelector, templateColumns } from '../columns.ts'
import { checkTemplate, defaultTemplate } from '../core/pod-spec.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Job, JobSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'
import { sameValue } from '../same-value.ts'

export type { Job }

export const job = defineKind<Job>({
  group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.Job',
  status: true,
  generation: true,
  default: (object) => defaultJobSpec((object.spec ??= {} as JobSpec)),
  prepareCreate: (object) => {
    if (object.spec && !object.spec.manualSelector) labelPods(object, object.spec)
    object.status = {}
  },
  validate: ({ spec }, at) => (spec ? checkJobSpec(spec, at.child('spec')) : [at.child('spec').required()]),
  validateUpdate: ({ spec }, { spec: old }, at) => {
    const fixed = ['selector', 'completionMode', 'podFailurePolicy', 'successPolicy', 'backoffLimitPerIndex', 'managedBy', ...(spec?.suspend ? [] : ['template'])] as Array<keyof JobSpec>
    if (spec?.completionMode !== 'Indexed') fixed.push('completions')
    return fixed.filter((name) => !sameValue(spec?.[name], old?.[name])).map((name) => at.child('spec', name).immutable(spec?.[name]))
  },
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    { name: 'Status', type: 'string', cell: statusOf },
    { name: 'Completions', type: 'string', cell: completionsOf },
    { name: 'Duration', type: 'string', cell: durationOf },
    age,
    ...templateColumns<Job>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

export function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  defaultTemplate(spec.template)
}

/** The labels by which a Job knows its pods: of its own uid, so that no two Jobs mix. */
function labelPods({ metadata: { uid = '', name = '' } }: Job, spec: JobSpec): void {
  const mine = { 'batch.kubernetes.io/controller-uid': uid }
  if (!spec.template) return
  const metadata = (spec.template.metadata ??= {})
  metadata.labels = { ...metadata.labels, ...mine, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name }
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, ...mine } }
}

const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const

export function checkJobSpec(spec: JobSpec, at: FieldPath): FieldError[] {
  const errors = [...counts.flatMap((name) => nonNegative(spec[name], at.child(name))), ...checkSelector(spec.selector, at.child('selector'))]
  if (!spec.template) return [...errors, at.child('template').required()]
  errors.push(...checkTemplate(spec.template, at.child('template')))
  const policy = spec.template.spec?.restartPolicy
  if (policy === 'Always') errors.push(at.child('template', 'spec', 'restartPolicy').notSupported(policy, ['OnFailure', 'Never']))
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    errors.push(at.child('completions').required('when completion mode is Indexed'))
  }
  return errors
}

function statusOf({ metadata, status }: Job): string {
  const holds = (type: string): boolean => conditionOf(status?.conditions, type)?.status === 'True'
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

function completionsOf({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0
  if (spec?.completions !== undefined) return `${done}/${spec.completions}`
  return (spec?.parallelism ?? 0) > 1 ? `${done}/1 of ${spec?.parallelism}` : `${done}/1`
}

function durationOf({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  return showDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
}
