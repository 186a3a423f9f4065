import { nonNegative, present } from '../checks.ts'
import { age, showSelector, since, templateColumns } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CronJob, CronJobSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkJobSpec, defaultJobSpec } from './job.ts'

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
    if (spec.jobTemplate?.spec?.template) defaultJobSpec({ template: spec.jobTemplate.spec.template })
  },
  prepareCreate: (object) => {
    object.status = {}
  },
  validate: checkCronJob,
  columns: [
    { name: 'Schedule', type: 'string', cell: ({ spec }) => spec?.schedule ?? '' },
    { name: 'Timezone', type: 'string', cell: ({ spec }) => spec?.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'string', cell: ({ spec }) => (spec?.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', cell: ({ status }) => status?.active?.length ?? 0 },
    { name: 'Last Schedule', type: 'string', cell: ({ status }, now) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>') },
    age,
    ...templateColumns<CronJob>(({ spec }) => spec?.jobTemplate?.spec?.template, ({ spec }) => showSelector(spec?.jobTemplate?.spec?.selector)),
  ],
})

const field = /^[\d*/,\-?LW#A-Za-z]+$/
const predefined = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/

function checkCronJob({ metadata, spec }: CronJob, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const schedule = spec?.schedule ?? ''
  const errors = [
    ...present(schedule, at.child('schedule')),
    ...nonNegative(spec?.startingDeadlineSeconds, at.child('startingDeadlineSeconds')),
    ...nonNegative(spec?.successfulJobsHistoryLimit, at.child('successfulJobsHistoryLimit')),
    ...nonNegative(spec?.failedJobsHistoryLimit, at.child('failedJobsHistoryLimit')),
    ...(spec?.jobTemplate?.spec ? checkJobSpec(spec.jobTemplate.spec, at.child('jobTemplate', 'spec')) : []),
  ]
  const fields = schedule.trim().split(/\s+/)
  if (schedule && !predefined.test(schedule)) {
    if (fields.length !== 5) errors.push(at.child('schedule').invalid(schedule, `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`))
    else if (!fields.every((part) => field.test(part))) errors.push(at.child('schedule').invalid(schedule, 'is not a cron schedule'))
  }
  // its Jobs get 11 characters more
  if ((metadata.name?.length ?? 0) > 52) errors.push(root.child('metadata', 'name').invalid(metadata.name, 'must be no more than 52 characters'))
  return errors
}
