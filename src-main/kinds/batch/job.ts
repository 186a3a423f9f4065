import { age, showDuration, showSelector, templateColumns } from '../columns.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { warnOfPodNames, warnOfTemplate } from '../core/pod-warnings.ts'
import type { Job, JobSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'
import { sameValue } from '../same-value.ts'
import { checkJob } from './job-rules.ts'
import { checkJobStatus } from './job-status.ts'
import { checkJobUpdate } from './job-update.ts'

export type { Job }

export const job = defineKind<Job>({
  group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.Job',
  status: true,
  orphans: 'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  generation: true,
  default: (object) => {
    defaultJobSpec((object.spec ??= {} as JobSpec))
    const labels = object.spec.template?.metadata?.labels
    if (labels && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = labels
  },
  prepareCreate: (object) => {
    const { spec, metadata } = object
    const isLabelled = !sameValue(metadata.labels, spec?.template?.metadata?.labels)
    if (spec && !spec.manualSelector) labelPods(object, spec)
    // labels that are the template's because nobody said any stay so
    const labels = spec?.template?.metadata?.labels
    if (labels && !isLabelled) metadata.labels = labels
    object.status = {}
    dropDisabledOfTemplate(spec?.template)
  },
  prepareUpdate: ({ spec }, { spec: old }) => dropDisabledOfTemplate(spec?.template, old?.template),
  warn: (object, old) => [
    ...(old ? [] : warnOfPodNames(object)),
    ...(old && sameValue(object.spec, old.spec) ? [] : warnOfJobSpec(object.spec, 'spec')),
  ],
  ownRules: true,
  validate: checkJob,
  validateUpdate: (object, old, at) => checkJobUpdate(object, old, at.child('spec')),
  validatePart: (_subresource, object, old, at) => checkJobStatus(object, old, at.child('status')),
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    { name: 'Status', type: 'string', description: 'Status of the job.', cell: statusOf },
    { name: 'Completions', type: 'string', of: 'status.succeeded', cell: completionsOf },
    { name: 'Duration', type: 'string', description: 'Time required to complete the job.', cell: durationOf },
    age,
    ...templateColumns<Job>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

/** Figures of Kubernetes' job warnings. */
const soft = { completions: 100_000, parallelism: 10_000 }

/** Of a Job, or of a CronJob's template of one. */
export function warnOfJobSpec(spec: Readonly<JobSpec> | undefined, at: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec ?? ({} as JobSpec)
  const isMuch = completionMode === 'Indexed' && completions > soft.completions && parallelism > soft.parallelism
  const sentence = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [...(isMuch ? [`${at}: ${sentence}`] : []), ...warnOfTemplate(template, `${at}.template`)]
}

export function defaultJobSpec(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  defaultPatterns(spec)
  defaultTemplate(spec.template)
}

export function defaultPatterns({ podFailurePolicy }: JobSpec): void {
  for (const pattern of podFailurePolicy?.rules?.flatMap(({ onPodConditions }) => onPodConditions ?? []) ?? []) pattern.status ||= 'True'
}

/** The labels by which a Job knows its pods: of its own uid, so that no two Jobs mix. Others of these names are refused later. */
function labelPods({ metadata: { uid = '', name = '' } }: Job, spec: JobSpec): void {
  const mine = { 'batch.kubernetes.io/controller-uid': uid }
  const metadata = ((spec.template ??= {}).metadata ??= {})
  addMissing((metadata.labels ??= {}), { ...mine, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name })
  addMissing(((spec.selector ??= {}).matchLabels ??= {}), mine)
}

/** There may be very many of them, which take long to copy. */
function addMissing(labels: Record<string, string>, more: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(more)) if (!Object.hasOwn(labels, key)) labels[key] = value
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
