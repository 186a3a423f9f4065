import { describe, expect, it } from 'vitest'
import { daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { cronJob } from '../../src-main/kinds/batch/cron-job.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { csiStorageCapacity } from '../../src-main/kinds/storage/csi-storage-capacity.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { changed, prepared } from './prepared.ts'

const pods = 'metadata: {labels: {app: web}}, spec: {nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: a, image: a}]}'
const workload = `spec: {selector: {matchLabels: {app: web}}, template: {${pods}}}`
const cron = `spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {${pods}}}}}`
const replaced = 'deprecated since v1.14; use "kubernetes.io/os" instead'
const ofPods = `spec.template.spec.nodeSelector[beta.kubernetes.io/os]: ${replaced}`
const dotted = expect.stringContaining('metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]') as string

const told = (kind: AnyKind, manifest: string, before?: string): string[] =>
  kind.warn?.(prepared(kind, manifest), before === undefined ? undefined : prepared(kind, before)) ?? []

describe('a client that creates', () => {
  it.each<[kind: AnyKind, manifest: string, ...warnings: string[]]>([
    [deployment, workload, ofPods], [replicaSet, workload, ofPods], [daemonSet, workload, ofPods], [statefulSet, workload, ofPods], [job, workload, ofPods],
    [cronJob, cron, `spec.jobTemplate.${ofPods}`],
    ...[deployment, replicaSet, job].map((kind) => [kind, changed(workload, 'metadata: {name: a.b}'), dotted, ofPods] as [AnyKind, string, ...string[]]),
    [cronJob, changed(cron, 'metadata: {name: a.b}'), dotted, `spec.jobTemplate.${ofPods}`],
    [daemonSet, changed(workload, 'metadata: {name: a.b}'), ofPods],
    [job, changed(workload, 'spec: {completionMode: Indexed, completions: 100001, parallelism: 10001}'),
      'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail', ofPods],
    [statefulSet, changed(workload, 'spec: {revisionHistoryLimit: -1, volumeClaimTemplates: [{metadata: {name: a}, spec: {resources: {requests: {storage: 100m}}}}]}'), ofPods,
      'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
      'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'],
    [storageClass, 'allowedTopologies: [{matchLabelExpressions: [{key: a}, {key: beta.kubernetes.io/os}]}]', `allowedTopologies[0].matchLabelExpressions[1].key: ${replaced}`],
    [csiStorageCapacity, 'nodeTopology: {matchLabels: {beta.kubernetes.io/os: a}, matchExpressions: [{key: beta.kubernetes.io/os, operator: Exists}]}',
      `nodeTopology.matchExpressions[0].key: beta.kubernetes.io/os is ${replaced}`, `nodeTopology.matchLabels.beta.kubernetes.io/os: ${replaced}`],
    [runtimeClass, 'scheduling: {nodeSelector: {beta.kubernetes.io/os: a}}', `scheduling.nodeSelector: ${replaced}`],
  ])('%# a $kind is told what will not do for long', (kind, manifest, ...warnings) => expect(told(kind, manifest)).toEqual(warnings))
})

describe('a client that changes', () => {
  it.each([deployment, replicaSet, statefulSet, job])('$kind is told of its pods when it wishes something else', (kind: AnyKind) => {
    expect(told(kind, workload, workload)).toEqual([])
    expect(told(kind, changed(workload, 'metadata: {labels: {a: b}}'), workload)).toEqual([])
    expect(told(kind, changed(workload, 'spec: {template: {spec: {priority: 1}}}'), workload)).toEqual([ofPods])
  })

  it('the annotations of a Deployment is told of its pods too', () => expect(told(deployment, changed(workload, 'metadata: {annotations: {a: b}}'), workload)).toEqual([ofPods]))

  it('a DaemonSet is told of its pods when those change', () => {
    expect(told(daemonSet, changed(workload, 'spec: {minReadySeconds: 1}'), workload)).toEqual([])
    expect(told(daemonSet, changed(workload, 'spec: {template: {spec: {priority: 1}}}'), workload)).toEqual([ofPods])
  })

  it('a CronJob is told of a time zone that stands in its schedule', () => {
    const zoned = changed(cron, 'spec: {schedule: "TZ=UTC * * * * *"}')
    expect(told(cronJob, zoned, zoned)).toEqual(['CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'])
  })
})
