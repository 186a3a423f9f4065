import { nonNegative, oneOf } from '../checks.ts'
import { age, showSelector, since, templateColumns } from '../columns.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { warnOfPodNames } from '../core/pod-warnings.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CronJob, CronJobSpec, JobSpec } from '../generated/types.ts'
import { defineKind, type Kind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { otherVersion } from '../versions.ts'
import { checkJobSpec } from './job-rules.ts'
import { defaultPatterns, warnOfJobSpec } from './job.ts'
import { isTimeZone, wrongSchedule } from './schedule.ts'

export type { CronJob }

export const cronJob = defineKind<CronJob>({
  group: 'batch', version: 'v1', kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.CronJob',
  status: true,
  generation: true,
  default: (object) => {
    const spec = (object.spec ??= {} as CronJobSpec)
    spec.concurrencyPolicy ??= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
    // a Job's own defaults come when it is made; its pod template has its here
    if (spec.jobTemplate) spec.jobTemplate.metadata ??= {}
    if (spec.jobTemplate?.spec) defaultPatterns(spec.jobTemplate.spec)
    defaultTemplate(spec.jobTemplate?.spec?.template)
  },
  prepareCreate: (object) => {
    object.status = {}
    dropDisabledOfTemplate(object.spec?.jobTemplate?.spec?.template)
  },
  prepareUpdate: ({ spec }, { spec: old }) => dropDisabledOfTemplate(spec?.jobTemplate?.spec?.template, old?.jobTemplate?.spec?.template),
  warn: (object, old) => [
    ...(old ? [] : warnOfPodNames(object)),
    ...(old && sameValue(object.spec, old.spec) ? [] : warnOfJobSpec(object.spec?.jobTemplate?.spec, 'spec.jobTemplate.spec')),
    ...(object.spec?.schedule?.includes('TZ')
      ? ['CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'] : []),
  ],
  ownRules: true,
  validate: checkCronJob,
  // Kubernetes looks at nothing in the status of one
  validatePart: () => [],
  columns: [
    { name: 'Schedule', type: 'string', of: 'spec.schedule', cell: ({ spec }) => spec?.schedule ?? '' },
    { name: 'Timezone', type: 'string', of: 'spec.timeZone', cell: ({ spec }) => spec?.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', of: 'spec.suspend', cell: ({ spec }) => (spec?.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', of: 'status.active', cell: ({ status }) => status?.active?.length ?? 0 },
    { name: 'Last Schedule', type: 'string', of: 'status.lastScheduleTime', cell: ({ status }, now) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>') },
    age,
    ...templateColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template, ({ spec }) => showSelector(spec?.jobTemplate?.spec?.selector), 'spec.jobTemplate.spec.selector'),
  ],
})

export const cronJobV1Beta1: Kind<CronJob> = otherVersion(cronJob, { version: 'v1beta1', deprecated: { since: '1.21', until: '1.25' } })

function checkCronJob({ metadata, spec = {} as CronJobSpec }: CronJob, root: FieldPath, old?: CronJob): FieldError[] {
  const errors = checkSpec(spec, old?.spec, root.child('spec'))
  // its Jobs get 11 characters more
  const isLong = old === undefined && (metadata.name?.length ?? 0) > 52
  return isLong ? [...errors, root.child('metadata', 'name').invalid(metadata.name, 'must be no more than 52 characters')] : errors
}

function checkSpec(spec: CronJobSpec, old: CronJobSpec | undefined, at: FieldPath): FieldError[] {
  const job = at.child('jobTemplate', 'spec')
  const { selector, manualSelector } = spec.jobTemplate?.spec ?? {}
  return [
    ...checkSchedule(spec, old, at.child('schedule')),
    ...nonNegative(spec.startingDeadlineSeconds, at.child('startingDeadlineSeconds')),
    ...(old?.timeZone !== undefined && old.timeZone === spec.timeZone ? [] : checkTimeZone(spec.timeZone, at.child('timeZone'))),
    ...oneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], at.child('concurrencyPolicy')),
    ...checkJobSpec(spec.jobTemplate?.spec ?? ({} as JobSpec), job),
    ...(selector ? [job.child('selector').invalid(selector, '`selector` will be auto-generated')] : []),
    ...(manualSelector ? [job.child('manualSelector').notSupported(true, ['nil', 'false'])] : []),
    ...nonNegative(spec.successfulJobsHistoryLimit, at.child('successfulJobsHistoryLimit')),
    ...nonNegative(spec.failedJobsHistoryLimit, at.child('failedJobsHistoryLimit')),
  ]
}

/** Bytes; every minute of an hour and every day of a month named one by one has a few hundred. */
const longestSchedule = 10_240

function checkSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined, at: FieldPath): FieldError[] {
  if (!schedule) return [at.required()]
  if (schedule.length > longestSchedule) return [at.tooLong(longestSchedule)]
  const wrong = wrongSchedule(schedule)
  const errors = wrong === undefined ? [] : [at.invalid(schedule, wrong)]
  if (!schedule.includes('TZ')) return errors
  if (!old?.schedule.includes('TZ')) return [...errors, at.invalid(schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')]
  return timeZone === undefined ? errors : [...errors, at.invalid(schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')]
}

function checkTimeZone(zone: string | undefined, at: FieldPath): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [at.invalid(zone, 'timeZone must be nil or non-empty string')]
  const isName = zone.split('/').every((part) => part !== '.' && part !== '..' && /^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/.test(part))
  if (!isName) return [at.invalid(zone, `unknown time zone ${zone}`)]
  const errors = zone.toLowerCase() === 'local' ? [at.invalid(zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')] : []
  return isTimeZone(zone) ? errors : [...errors, at.invalid(zone, `unknown time zone ${zone}`)]
}
