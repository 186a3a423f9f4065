import { describe, expect, it } from 'vitest'
import { type DaemonSet, daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { type StatefulSet, statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { cronJob } from '../../src-main/kinds/batch/cron-job.ts'
import { job, type Job } from '../../src-main/kinds/batch/job.ts'
import { podTemplate } from '../../src-main/kinds/core/pod-template.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { validateObject } from '../../src-main/kinds/structure.ts'
import { changed, mistakes, prepared, updateMistakes } from './prepared.ts'

const workload = 'spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}'
const chosen = 'spec: {manualSelector: true, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}'
const cron = 'spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}}}'
const negative = 'Invalid value: -1: must be greater than or equal to 0'
const mismatch = 'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`'
const noContainers = 'spec.template.spec.containers: Required value'
const indexed = 'completionMode: Indexed, completions: 3, parallelism: 1'
const rule0 = 'spec.podFailurePolicy.rules[0]'
const aCron = (schedule: string): string => changed(cron, `spec: {schedule: "${schedule}"}`)
const wrongSchedule = (schedule: string, sentence: string) => [cronJob, aCron(schedule), `spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${sentence}`] as const

const cases: ReadonlyArray<readonly [kind: AnyKind, manifest: string, ...errors: string[]]> = [
  [deployment, changed(workload, 'spec: {template: {spec: {restartPolicy: Never, activeDeadlineSeconds: 5}}}'), 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"', 'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
  [deployment, changed(workload, 'spec: {template: {metadata: {labels: {"a b": c}}}}'), 'spec.template.labels: Invalid value: "a b": name part must consist of alphanumeric characters, \'-\', \'_\' or \'.\', and must start and end with an alphanumeric character (e.g. \'MyName\',  or \'my.name\',  or \'123-abc\', regex used for validation is \'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\')'],
  [deployment, changed(workload, 'spec: {replicas: 2, template: {spec: {volumes: [{name: v, gcePersistentDisk: {pdName: x}}]}}}')],
  [deployment, changed(workload, 'spec: {strategy: {rollingUpdate: {maxUnavailable: "5", maxSurge: 0}}}'), 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "5": a valid percent string must be a numeric string followed by an ending \'%\' (e.g. \'1%\',  or \'93%\', regex used for validation is \'[0-9]+%\')'],
  [deployment, changed(workload, 'spec: {minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: -1}'), ...['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'].map((name) => `spec.${name}: ${negative}`), 'spec.progressDeadlineSeconds: Invalid value: -1: must be greater than minReadySeconds'],
  [replicaSet, 'spec: {selector: {matchLabels: {a: b}}}', mismatch, noContainers],
  [daemonSet, '{}', mismatch, noContainers],
  [daemonSet, changed(workload, 'spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 0}}}'), 'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0'],
  [daemonSet, changed(workload, 'spec: {updateStrategy: {rollingUpdate: {maxSurge: 1}}}'), 'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero'],
  [daemonSet, changed(workload, 'spec: {updateStrategy: {type: Fast}}'), 'spec.updateStrategy: Unsupported value: {"Type":"Fast","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"'],
  [statefulSet, changed(workload, 'spec: {podManagementPolicy: X, ordinals: {start: -1}}'), 'spec.podManagementPolicy: Invalid value: "X": must be \'OrderedReady\' or \'Parallel\'', `spec.ordinals.start: ${negative}`],
  [statefulSet, changed(workload, 'spec: {updateStrategy: {type: OnDelete, rollingUpdate: {partition: 1}}}'), 'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\''],
  [statefulSet, changed(workload, 'spec: {updateStrategy: {rollingUpdate: {partition: -1, maxUnavailable: 0}}}'), `spec.updateStrategy.rollingUpdate.partition: ${negative}`, 'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0'],
  [statefulSet, changed(workload, 'spec: {persistentVolumeClaimRetentionPolicy: {whenScaled: Keep}}'), 'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Keep": supported values: "Retain", "Delete"'],
  [statefulSet, changed(workload, 'spec: {selector: {matchLabels: {app: "-"}}}'), expect.stringContaining('spec.selector.matchLabels: Invalid value: "-": a valid label') as string, 'spec.selector: Invalid value: {"matchLabels":{"app":"-"}}'],
  [statefulSet, changed(workload, 'spec: {template: {spec: {hostname: Bad_, subdomain: Bad_}}}')],
  [statefulSet, changed(workload, 'spec: {volumeClaimTemplates: [{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], template: {spec: {volumes: [{name: own, emptyDir: {}, hostPath: {path: /a}}]}}}'), 'spec.template.spec.volumes[0].persistentVolumeClaim.claimName: Required value', 'spec.template.spec.volumes[0].name: Required value', 'spec.template.spec.volumes[1].hostPath: Forbidden: may not specify more than 1 volume type'],
  [statefulSet, changed(workload, 'metadata: {name: a.b}'), 'metadata.name: Invalid value: "a.b": must not contain dots'],
  [replicationController, 'spec: {selector: {a: b}}', 'spec.template: Required value'],
  [podTemplate, '{}', 'template.spec.containers: Required value'],
  [job, changed(chosen, 'spec: {template: {spec: {restartPolicy: Sometimes}}}'), 'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"', 'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"'],
  [job, changed(chosen, 'spec: {maxFailedIndexes: 1}'), 'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified', 'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode'],
  [job, changed(chosen, 'spec: {completionMode: Indexed, parallelism: 100001}'), 'spec.completions: Required value: when completion mode is Indexed', 'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
  [job, changed(chosen, `metadata: {name: a.b}\nspec: {${indexed}}`), 'metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-2'],
  [job, changed(chosen, 'spec: {managedBy: a.b//c}')],
  [job, changed(chosen, 'spec: {managedBy: me}'), 'spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
  [job, changed(chosen, 'spec: {podFailurePolicy: {rules: [{action: FailIndex}]}, podReplacementPolicy: TerminatingOrFailed}'), `${rule0}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`, `${rule0}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`, 'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
  [job, changed(chosen, 'spec: {podFailurePolicy: {rules: [{action: Ignore, onExitCodes: {operator: In, containerName: x, values: [2, 0, 2]}}]}}'), `${rule0}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`, `${rule0}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`, `${rule0}.onExitCodes.values[2]: Duplicate value: 2`, `${rule0}.onExitCodes.values: Invalid value: [2,0,2]: must be ordered`],
  [job, changed(chosen, 'spec: {successPolicy: {rules: []}}'), 'spec.successPolicy: Invalid value: {"Rules":[]}: requires indexed completion mode'],
  [job, changed(chosen, `spec: {${indexed}, successPolicy: {rules: [{succeededIndexes: "0-1", succeededCount: 3}, {}, {succeededIndexes: "2,1"}]}}`), 'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)', 'spec.successPolicy.rules[1]: Required value: at least one of succeededCount or succeededIndexes must be specified', 'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1'],
  wrongSchedule('60 * * * *', 'end of range (60) above maximum (59): 60'),
  wrongSchedule('*/0 * * * *', 'step of range should be a positive number: */0'),
  wrongSchedule('5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'),
  wrongSchedule('* * 0 * *', 'beginning of range (0) below minimum (1): 0'),
  wrongSchedule('* * * foo *', 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'),
  wrongSchedule('@often', 'unrecognized descriptor: @often'),
  wrongSchedule('@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'),
  wrongSchedule('CRON_TZ=UTC * * * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'),
  [cronJob, aCron('*/5 0-3 1,2 JAN sun')], [cronJob, aCron('@every 1h30m')], [cronJob, changed(cron, 'spec: {timeZone: Europe/Berlin}')],
  [cronJob, changed(cron, 'spec: {timeZone: Europe/Nowhere}'), 'spec.timeZone: Invalid value: "Europe/Nowhere": unknown time zone Europe/Nowhere'],
  ...['europe/berlin', 'us/pacific', 'utc'].map((zone) => [cronJob, changed(cron, `spec: {timeZone: ${zone}}`), `spec.timeZone: Invalid value: "${zone}": unknown time zone ${zone}`] as const),
  ...['US/Pacific', 'EST5EDT', 'UTC'].map((zone) => [cronJob, changed(cron, `spec: {timeZone: ${zone}}`)] as const),
  [cronJob, changed(cron, 'spec: {timeZone: Local}'), 'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
  [cronJob, changed(cron, 'spec: {concurrencyPolicy: Maybe, jobTemplate: {spec: {manualSelector: true, selector: {matchLabels: {a: b}}}}}'), 'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"', 'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated', 'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"'],
  [cronJob, changed(cron, `metadata: {name: ${'a'.repeat(53)}}`), `metadata.name: Invalid value: "${'a'.repeat(53)}": must be no more than 52 characters`],
]

describe('a workload', () => {
  for (const [kind, manifest, ...errors] of cases) {
    it(`a ${kind.kind} like ${manifest.slice(0, 140)} is ${errors.length === 0 ? 'right' : 'refused'}`, () => expect(mistakes(kind, manifest)).toEqual(errors))
  }
})

describe('a change of', () => {
  it.each<[AnyKind, string, string, string[]]>([
    [statefulSet, workload, 'spec: {serviceName: other}', ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"]],
    [job, chosen, 'spec: {completions: 2}', ['spec.completions: Invalid value: 2: field is immutable']],
    [job, changed(chosen, 'spec: {completions: 1}'), 'spec: {parallelism: 2, suspend: true}', []],
    [job, changed(chosen, `spec: {${indexed}}`), 'spec: {completions: 4}', ['spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism']],
    [job, changed(chosen, 'spec: {suspend: true}'), 'spec: {template: {spec: {nodeSelector: {a: b}}}}', []],
    [job, changed(chosen, `spec: {${indexed}}`), 'spec: {completions: null}', []],
    [job, chosen, 'spec: {podFailurePolicy: {rules: [{action: Ignore, onPodConditions: [{type: a}]}]}}', ['spec.podFailurePolicy: Invalid value: {"Rules":[{"Action":"Ignore","OnExitCodes":null,"OnPodConditions":[{"Type":"a","Status":"True"}]}]}: field is immutable']],
    [replicaSet, workload, 'spec: {selector: {matchLabels: {a: b}}}', ['spec.selector: Invalid value: {"matchLabels":{"app":"web","a":"b"}}: field is immutable']],
  ])('%o from %s by %s', (kind, from, change, errors) => expect(updateMistakes(kind, from, changed(from, change))).toEqual(errors))
})

describe('a status', () => {
  it.each<[AnyKind, string, string[]]>([
    [deployment, '{replicas: 1, readyReplicas: 2, collisionCount: 0}', ['status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas', 'status.collisionCount: Invalid value: 0: cannot be decremented']],
    [replicaSet, '{replicas: 2, availableReplicas: 1}', ['status.availableReplicas: Invalid value: 1: cannot be greater than readyReplicas']],
    [daemonSet, '{currentNumberScheduled: -1, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0, collisionCount: 1}', [`status.currentNumberScheduled: ${negative}`]],
  ])('of %o like %s is refused', (kind, status, errors) => {
    const [now, old] = [`${workload}\nstatus: ${status}`, `${workload}\nstatus: ${status.replace(/collisionCount: 0/, 'collisionCount: 1')}`].map((yaml) => prepared(kind, yaml))
    expect((kind.validatePart?.('status', now!, old!, new FieldPath()) ?? []).map(({ field, message }) => `${field}: ${message}`)).toEqual(errors)
  })

  it('of a Job that ended stays that of a Job that ended', () => {
    const [now, old] = ['{}', '{startTime: "2026-01-01T00:00:00Z", conditions: [{type: Failed, status: "True"}]}'].map((status) => prepared(job, `${chosen}\nstatus: ${status}`) as Job)
    expect(job.validatePart?.('status', now!, old!, new FieldPath()).map(({ message }) => message)).toEqual(['Invalid value: cannot disable the terminal Failed=True condition', 'Required value: startTime cannot be removed for unsuspended job'])
  })

  it('of a StatefulSet has no more available pods than ready ones', () => {
    const set = prepared(statefulSet, `${workload}\nstatus: {replicas: 2, availableReplicas: 1}`)
    expect(statefulSet.validatePart?.('status', set as StatefulSet, set as StatefulSet, new FieldPath()).map(({ message }) => message)).toEqual(['Invalid value: 1: cannot be greater than status.readyReplicas'])
  })

  it('and labels of a Job are of its own uid', () => {
    const made = prepared(job, changed(chosen, 'metadata: {uid: u1}\nspec: {manualSelector: false}')) as Job
    job.prepareCreate?.(made)
    expect(made.metadata.labels).toEqual({ app: 'web', 'batch.kubernetes.io/controller-uid': 'u1', 'batch.kubernetes.io/job-name': 'web', 'controller-uid': 'u1', 'job-name': 'web' })
  })
})

describe('an update of a StatefulSet', () => {
  const wrongTemplate = changed(workload, 'spec: {serviceName: Not_A_Label, template: {spec: {containers: [{name: A_b, image: a}]}}}')
  const again = (from: string, change: string) => validateObject(statefulSet, prepared(statefulSet, changed(from, change)), undefined, prepared(statefulSet, from)).map(({ field }) => field)

  it('does not look again at what no update can change, nor at a template that was wrong', () => expect(again(wrongTemplate, 'spec: {replicas: 2}')).toEqual([]))

  it('does not make a right template wrong', () =>
    expect(again(workload, 'spec: {template: {spec: {containers: [{name: A_b, image: a}]}}}')).toEqual(['spec.template.spec.containers[0].name']))

  it('looks at the labels of a template in any case', () =>
    expect(again(wrongTemplate, 'spec: {template: {metadata: {labels: {"a b": c}}}}')).toEqual(['spec.template.labels']))
})

describe('how a StatefulSet is updated', () => {
  it.each<[said: string, becomes: object]>([
    ['{}', { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }],
    ['{rollingUpdate: {partition: 2}}', { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }],
    ['{type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%}}', { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: '25%' } }],
    ['{type: RollingUpdate}', { type: 'RollingUpdate' }],
    ['{type: OnDelete}', { type: 'OnDelete' }],
  ])('where %s is said', (said, becomes) =>
    expect((prepared(statefulSet, changed(workload, `spec: {updateStrategy: ${said}}`)) as StatefulSet).spec?.updateStrategy).toEqual(becomes))
})

it('a DaemonSet counts its templates from where its annotation begins', () => {
  const counted = (annotation: string): string | undefined => {
    const set = prepared(daemonSet, changed(workload, `metadata: {annotations: {deprecated.daemonset.template.generation: "${annotation}"}}`)) as DaemonSet
    daemonSet.prepareCreate?.(set)
    return set.metadata.annotations?.['deprecated.daemonset.template.generation']
  }
  expect(['5', '-3', 'x'].map(counted)).toEqual(['5', '1', '1'])
})
