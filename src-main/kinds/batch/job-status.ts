import { each, nonNegative } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Job, JobSpec, JobStatus } from '../generated/types.ts'
import { sameValue } from '../same-value.ts'
import { internalUncounted } from './internal-form.ts'
import { commonIndex, countIndexes } from './job-indexes.ts'

const holds = ({ conditions }: JobStatus, type: string): boolean => conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
const isOver = (status: JobStatus): boolean => holds(status, 'Complete') || holds(status, 'Failed')
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/** Kubernetes' rules in its order: whether one is broken, and what is said then. */
type Rule = readonly [isBroken: boolean, error: () => FieldError]
const broken = (rules: readonly Rule[]): FieldError[] => rules.filter(([isBroken]) => isBroken).map(([, error]) => error())

/** What a Job's status may not say, or no longer: batch validation. What was wrong before and did not change may stay. */
export const checkJobStatus = ({ spec = {} as JobSpec, status = {} }: Job, { status: before = {} }: Readonly<Job>, at: FieldPath): FieldError[] => [
  ...counts.flatMap((name) => nonNegative(status[name], at.child(name))),
  ...checkUncounted(status, at.child('uncountedTerminatedPods')),
  ...broken([...endRules(status, before, at), ...indexRules(spec, status, before, at), ...stateRules(spec, status, before, at), ...changeRules(spec, status, before, at)]),
]

function checkUncounted({ uncountedTerminatedPods: pods = {} }: JobStatus, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((name) => each(pods[name], at.child(name), (uid, here) => {
    if (uid === '') return [here.invalid(uid, 'must not be empty')]
    if (seen.has(uid)) return [here.duplicate(uid)]
    seen.add(uid)
    return []
  }))
}

/** How a Job ends, and when. */
function endRules(status: JobStatus, before: JobStatus, at: FieldPath): Rule[] {
  const changed = (...fields: ReadonlyArray<keyof JobStatus>): boolean => fields.some((field) => !sameValue(status[field], before[field]))
  const turned = (...types: readonly string[]): boolean => types.some((type) => holds(status, type) !== holds(before, type))
  const ends = isOver(status) !== isOver(before)
  const [isComplete, hasFailed, hasEnded] = [holds(status, 'Complete'), holds(status, 'Failed'), isOver(status)]
  const { completionTime, startTime, active = 0, uncountedTerminatedPods: uncounted } = status
  const conditions = at.child('conditions')
  const end = at.child('completionTime')
  const atEnd = turned('Complete') || changed('completionTime')
  const isEarly = completionTime !== undefined && startTime !== undefined && Date.parse(completionTime) < Date.parse(startTime)
  return [
    [turned('Complete', 'Failed') && isComplete && hasFailed, () => conditions.wrong('cannot set Complete=True and Failed=true conditions')],
    [turned('Complete', 'FailureTarget') && isComplete && holds(status, 'FailureTarget'), () => conditions.wrong('cannot set Complete=True and FailureTarget=true conditions')],
    [atEnd && completionTime !== undefined && !isComplete, () => end.invalid(completionTime, 'cannot set completionTime when there is no Complete=True condition')],
    [atEnd && completionTime === undefined && isComplete, () => end.required('completionTime is required for Complete jobs')],
    [changed('startTime', 'completionTime') && isEarly, () => end.invalid(completionTime, 'must be equal to or after `startTime`')],
    [(turned('Failed') || changed('failedIndexes')) && hasFailed && !holds(status, 'FailureTarget'), () => conditions.wrong('cannot set Failed=True condition without the FailureTarget=true condition')],
    [turned('Complete', 'SuccessCriteriaMet') && isComplete && !holds(status, 'SuccessCriteriaMet'), () => conditions.wrong('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')],
    [(ends || changed('active')) && hasEnded && active > 0, () => at.child('active').invalid(active, 'active>0 is invalid for finished job')],
    [(ends || changed('startTime')) && hasEnded && startTime === undefined, () => at.child('startTime').required('startTime is required for finished job')],
    [(ends || changed('uncountedTerminatedPods')) && hasEnded && [...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])].length > 0,
      () => at.child('uncountedTerminatedPods').invalid(internalUncounted(uncounted ?? {}), 'must be empty for finished job')],
  ]
}

function indexRules({ completions, backoffLimitPerIndex, completionMode }: JobSpec, status: JobStatus, before: JobStatus, at: FieldPath): Rule[] {
  const { completedIndexes: completed = '', failedIndexes: failed } = status
  const [completedChanged, failedChanged] = [completed !== (before.completedIndexes ?? ''), failed !== before.failedIndexes]
  const wrong = (text: string | undefined): string | undefined => {
    const counted = completions === undefined || text === undefined ? 0 : countIndexes(text, completions)
    return typeof counted === 'string' ? counted : undefined
  }
  const common = completions === undefined || !completed || !failed ? undefined : commonIndex(completed, failed, completions)
  const [atCompleted, atFailed] = [at.child('completedIndexes'), at.child('failedIndexes')]
  return [
    [completedChanged && wrong(completed) !== undefined, () => atCompleted.invalid(completed, `error parsing completedIndexes: ${wrong(completed)}`)],
    [failedChanged && backoffLimitPerIndex !== undefined && wrong(failed) !== undefined, () => atFailed.invalid(failed, `error parsing failedIndexes: ${wrong(failed)}`)],
    [completedChanged && completed !== '' && completionMode !== 'Indexed', () => atCompleted.invalid(completed, 'cannot set non-empty completedIndexes when non-indexed completion mode')],
    [failedChanged && failed !== undefined && backoffLimitPerIndex === undefined, () => atFailed.invalid(failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')],
    [(completedChanged || failedChanged) && common !== undefined, () => atFailed.invalid(failed, `failedIndexes and completedIndexes overlap at index: ${common}`)],
  ]
}

function stateRules({ successPolicy }: JobSpec, status: JobStatus, before: JobStatus, at: FieldPath): Rule[] {
  const ends = isOver(status) !== isOver(before)
  const { active = 0, ready, terminating } = status
  const succeeds = holds(status, 'SuccessCriteriaMet')
  const conditions = at.child('conditions')
  return [
    [(ends || terminating !== before.terminating) && isOver(status) && (terminating ?? 0) > 0, () => at.child('terminating').invalid(terminating, 'terminating>0 is invalid for finished job')],
    [(ready !== before.ready || active !== (before.active ?? 0)) && ready !== undefined && ready > active, () => at.child('ready').invalid(ready, 'cannot set more ready pods than active')],
    [succeeds && holds(status, 'Failed'), () => conditions.wrong('cannot set SuccessCriteriaMet=True and Failed=true conditions')],
    [succeeds && holds(status, 'FailureTarget'), () => conditions.wrong('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')],
    [successPolicy !== undefined && !succeeds && holds(status, 'Complete'), () => conditions.wrong('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')],
  ]
}

/** What never goes back. */
function changeRules({ suspend, completionMode, completions, parallelism }: JobSpec, status: JobStatus, before: JobStatus, at: FieldPath): Rule[] {
  const { completionTime, startTime, failed = 0, succeeded = 0 } = status
  const conditions = at.child('conditions')
  // a Job that is made smaller counts fewer
  const mayShrink = completionMode === 'Indexed' && completions === parallelism
  const [began, ended] = [before.startTime, before.completionTime]
  return [
    ...['Failed', 'Complete', 'FailureTarget'].map((type): Rule => [holds(before, type) && !holds(status, type), () => conditions.wrong(`cannot disable the terminal ${type}=True condition`)]),
    [failed < (before.failed ?? 0), () => at.child('failed').invalid(failed, 'cannot decrease the failed counter')],
    [!mayShrink && succeeded < (before.succeeded ?? 0), () => at.child('succeeded').invalid(succeeded, 'cannot decrease the succeeded counter')],
    [completionTime !== undefined && ended !== undefined && completionTime !== ended, () => at.child('completionTime').immutable(completionTime)],
    [began !== undefined && startTime !== began && !suspend, () => at.child('startTime').required('startTime cannot be removed for unsuspended job')],
    [holds(before, 'SuccessCriteriaMet') && !holds(status, 'SuccessCriteriaMet'), () => conditions.wrong('cannot disable the SuccessCriteriaMet=True condition')],
    [holds(before, 'Complete') && !holds(before, 'SuccessCriteriaMet') && holds(status, 'SuccessCriteriaMet'),
      () => conditions.wrong('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')],
  ]
}
