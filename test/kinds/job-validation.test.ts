import { describe, expect, it } from 'vitest'
import { job, type Job } from '../../src-main/kinds/batch/job.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import { changed, mistakes, prepared, updateMistakes } from './prepared.ts'

const simple = 'spec: {manualSelector: true, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}'
const indexed = changed(simple, 'spec: {completionMode: Indexed, completions: 5, parallelism: 2, backoffLimitPerIndex: 1}')
const started = '2026-01-01T00:00:00Z'
const ended = '2026-01-01T01:00:00Z'
const done = (...types: string[]): string => `conditions: [${types.map((type) => `{type: ${type}, status: "True"}`).join(', ')}]`

describe('the status of a Job', () => {
  const mistakesIn = (manifest: string, before: string, status: string): string[] => {
    const [now, old] = [status, before].map((one) => prepared(job, changed(manifest, `status: {${one}}`)) as Job)
    return (job.validatePart?.('status', now!, old!, new FieldPath()) ?? []).map(({ field, message }) => `${field}: ${message}`)
  }

  it.each<[manifest: string, before: string, status: string, ...errors: string[]]>([
    [simple, '', `startTime: "${started}", completionTime: "${ended}", ${done('SuccessCriteriaMet', 'Complete')}`],
    [simple, '', `startTime: "${started}", ${done('FailureTarget', 'Failed')}`],
    [simple, '', `startTime: "${started}", ${done('Failed')}`, 'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition'],
    [simple, '', `startTime: "${started}", completionTime: "${ended}", ${done('Complete')}`, 'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition'],
    [simple, '', `startTime: "${ended}", completionTime: "${started}", ${done('SuccessCriteriaMet', 'Complete')}`, `status.completionTime: Invalid value: "${started}": must be equal to or after \`startTime\``],
    [simple, '', `startTime: "${started}", ${done('SuccessCriteriaMet', 'Complete')}`, 'status.completionTime: Required value: completionTime is required for Complete jobs'],
    [simple, '', `completionTime: "${ended}"`, `status.completionTime: Invalid value: "${ended}": cannot set completionTime when there is no Complete=True condition`],
    [simple, '', `active: 1, terminating: 1, ready: 2, ${done('FailureTarget', 'Failed')}`, 'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.startTime: Required value: startTime is required for finished job', 'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job', 'status.ready: Invalid value: 2: cannot set more ready pods than active'],
    [simple, '', `startTime: "${started}", ${done('FailureTarget', 'Failed')}, uncountedTerminatedPods: {succeeded: [a], failed: [b]}`, 'status.uncountedTerminatedPods: Invalid value: {"Succeeded":["a"],"Failed":["b"]}: must be empty for finished job'],
    [simple, '', 'uncountedTerminatedPods: {succeeded: [a, ""], failed: [a]}', 'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"'],
    [simple, '', 'completedIndexes: "0"', 'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode'],
    [simple, '', 'failedIndexes: ""', 'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null'],
    [indexed, '', 'completedIndexes: "0-2", failedIndexes: "4"'],
    [indexed, '', 'completedIndexes: "0,2-3", failedIndexes: "1,3-4"', 'status.failedIndexes: Invalid value: "1,3-4": failedIndexes and completedIndexes overlap at index: 3'],
    [indexed, '', 'completedIndexes: "5"', 'status.completedIndexes: Invalid value: "5": error parsing completedIndexes: too large index: "5"'],
    [indexed, '', 'failedIndexes: "2-1"', 'status.failedIndexes: Invalid value: "2-1": error parsing failedIndexes: non-increasing order, previous: 2, current: 1'],
    // what was wrong before may stay, and what another change brought about
    [indexed, 'completedIndexes: "7"', 'completedIndexes: "7", active: 1'],
    [simple, `${done('Failed')}`, `${done('Failed')}, active: 0`],
    [simple, 'failed: 2, succeeded: 2', 'failed: 1, succeeded: 1', 'status.failed: Invalid value: 1: cannot decrease the failed counter', 'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter'],
    [changed(indexed, 'spec: {completions: 2}'), 'succeeded: 2', 'succeeded: 1'],
    [simple, `startTime: "${started}"`, `startTime: "${ended}"`, 'status.startTime: Required value: startTime cannot be removed for unsuspended job'],
    [changed(simple, 'spec: {suspend: true}'), `startTime: "${started}"`, ''],
    [simple, `startTime: "${started}", completionTime: "${ended}", ${done('SuccessCriteriaMet', 'Complete')}`, `startTime: "${started}", completionTime: "2026-01-01T02:00:00Z", ${done('SuccessCriteriaMet', 'Complete')}`,
      'status.completionTime: Invalid value: "2026-01-01T02:00:00Z": field is immutable'],
    [simple, `startTime: "${started}", completionTime: "${ended}", ${done('Complete')}`, `startTime: "${started}", completionTime: "${ended}", ${done('Complete', 'SuccessCriteriaMet')}`,
      'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'],
  ])('%# of %s that was {%s} may become {%s} or not', (manifest, before, status, ...errors) => expect(mistakesIn(manifest, before, status)).toEqual(errors))
})

describe('the pods of a Job', () => {
  const paused = changed(simple, 'spec: {suspend: true}')
  const begun = `status: {startTime: "${started}"}`
  const moved = 'spec: {template: {metadata: {labels: {b: c}}, spec: {nodeSelector: {a: b}, affinity: {nodeAffinity: {}}, containers: [{name: a, image: a, resources: {limits: {cpu: 2}}}]}}}'
  const other = 'spec: {template: {spec: {containers: [{name: a, image: b}]}}}'
  const fields = (from: string, change: string): string[] => updateMistakes(job, from, changed(from, change)).map((line) => line.slice(0, line.indexOf(':')))

  it.each<[from: string, change: string, ...fields: string[]]>([
    [paused, moved],
    [paused, other, 'spec.template.spec'],
    [paused, 'spec: {template: {spec: {containers: [{name: a, image: a}, {name: b, image: b, resources: {limits: {cpu: 2}}}]}}}', 'spec.template.spec'],
    [simple, moved, 'spec.template'],
    [changed(paused, begun), moved, 'spec.template'],
    [changed(paused, changed(begun, 'status: {conditions: [{type: Suspended, status: "True"}]}')), moved],
    [changed(paused, changed(begun, 'status: {active: 1, conditions: [{type: Suspended, status: "True"}]}')), moved, 'spec.template'],
    [changed(paused, 'status: {active: 1}'), moved, 'spec.template'],
  ])('%# of %s may change by %s or not', (from, change, ...wrong) => expect(fields(from, change)).toEqual(wrong))
})

describe('a Job that chooses no pods', () => {
  const unchosen = 'spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}'
  const made = (change: string): Job => {
    const object = prepared(job, changed(changed(unchosen, 'metadata: {uid: u1}'), change)) as Job
    job.prepareCreate?.(object)
    return object
  }

  it('says that it does not', () => expect(made('{}').spec?.manualSelector).toBe(false))

  it('is refused with labels that are another Job’s', () => {
    const object = made('spec: {template: {metadata: {labels: {job-name: other}}}}')
    expect(object.spec?.template?.metadata?.labels?.['job-name']).toBe('other')
    expect(mistakes(job, JSON.stringify(object))).toEqual([
      'spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid":"u1","batch.kubernetes.io/job-name":"web","controller-uid":"u1","job-name":"other"}: must be \'web\'',
    ])
  })

  it('goes on without labels that came later', () => {
    const { 'batch.kubernetes.io/controller-uid': _uid, 'batch.kubernetes.io/job-name': _name, ...labels } = made('{}').spec!.template!.metadata!.labels!
    const old = made('{}')
    old.spec!.template!.metadata!.labels = labels
    old.spec!.selector = { matchLabels: { 'controller-uid': 'u1' } }
    expect(job.validate?.(old, new FieldPath(), old)).toEqual([])
    expect(job.validate?.(old, new FieldPath())).not.toEqual([])
  })
})
