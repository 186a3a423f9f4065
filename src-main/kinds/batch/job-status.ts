import type { FieldError, FieldPath } from '../field-error.ts'
import type { Job, JobStatus } from '../generated/types.ts'
import { conditionOf } from '../meta.ts'

const holds = (status: JobStatus, type: string): boolean => conditionOf(status.conditions, type)?.status === 'True'
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/** What a Job's status may not say, or no longer: batch validation. */
export function checkJobStatus({ spec, status = {} }: Job, { status: before = {} }: Readonly<Job>, at: FieldPath): FieldError[] {
  const [complete, failed, isOver] = [holds(status, 'Complete'), holds(status, 'Failed'), holds(status, 'Complete') || holds(status, 'Failed')]
  const [succeeding, failing] = [holds(status, 'SuccessCriteriaMet'), holds(status, 'FailureTarget')]
  const conditions = (sentence: string): FieldError => ({ field: at.child('conditions').toString(), reason: 'FieldValueInvalid', message: `Invalid value: ${sentence}` })
  const errors = counts.flatMap((name) => ((status[name] ?? 0) < 0 ? [at.child(name).negative(status[name] ?? 0)] : []))
  const { completionTime: ended, startTime: started, active = 0, ready = 0, terminating = 0 } = status
  const refuse = (broken: boolean, error: () => FieldError): void => void (broken && errors.push(error()))
  refuse(complete && failed, () => conditions('cannot set Complete=True and Failed=true conditions'))
  refuse(complete && failing, () => conditions('cannot set Complete=True and FailureTarget=true conditions'))
  refuse(ended !== undefined && !complete, () => at.child('completionTime').invalid(ended, 'cannot set completionTime when there is no Complete=True condition'))
  refuse(ended === undefined && complete, () => at.child('completionTime').required('completionTime is required for Complete jobs'))
  refuse(ended !== undefined && started !== undefined && Date.parse(ended) < Date.parse(started), () => at.child('completionTime').invalid(ended, 'completionTime cannot be set before startTime'))
  refuse(active > 0 && isOver, () => at.child('active').invalid(active, 'active>0 is invalid for finished job'))
  refuse(started === undefined && isOver, () => at.child('startTime').required('startTime is required for finished job'))
  refuse(terminating > 0 && isOver, () => at.child('terminating').invalid(terminating, 'terminating>0 is invalid for finished job'))
  refuse(ready > active, () => at.child('ready').invalid(ready, 'cannot set more ready pods than active'))
  refuse(succeeding && failed, () => conditions('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  refuse(succeeding && failing, () => conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  refuse(spec?.successPolicy !== undefined && !succeeding && complete, () => conditions('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'))
  for (const type of ['Failed', 'Complete', 'FailureTarget']) refuse(holds(before, type) && !holds(status, type), () => conditions(`cannot disable the terminal ${type}=True condition`))
  for (const name of ['failed', 'succeeded'] as const) {
    refuse((status[name] ?? 0) < (before[name] ?? 0), () => at.child(name).invalid(status[name] ?? 0, `cannot decrease the ${name} counter`))
  }
  refuse(holds(before, 'SuccessCriteriaMet') && !succeeding, () => conditions('cannot disable the SuccessCriteriaMet=True condition'))
  return errors
}
