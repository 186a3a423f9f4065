import { describe, expect, it } from 'vitest'
import { cronJob } from '../../src-main/kinds/batch/cron-job.ts'
import { daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { podTemplate } from '../../src-main/kinds/core/pod-template.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import type { Pod, PodSpec, StatefulSet } from '../../src-main/kinds/generated/types.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { prepared } from './prepared.ts'

const volumes = '[{name: v, projected: {sources: [{clusterTrustBundle: {name: t, path: a}}, {podCertificate: {signerName: a.b/c, keyType: ED25519, keyPath: k}}]}}]'
const containers = '[{name: a, image: a, lifecycle: {stopSignal: SIGUSR1}}, {name: b, image: b, lifecycle: {stopSignal: SIGUSR1, preStop: {sleep: {seconds: 1}}}}]'
const used = `{schedulingGroup: {podGroupName: g}, containers: ${containers}, volumes: ${volumes}}`
const unused = '{containers: [{name: a, image: a}, {name: b, image: b}]}'

const templated: ReadonlyArray<readonly [AnyKind, around: (spec: string) => string, path: string]> = [
  ...[deployment, replicaSet, daemonSet, statefulSet, job, replicationController].map((kind) => [kind, (spec: string) => `spec: {template: {spec: ${spec}}}`, 'spec.template.spec'] as const),
  [cronJob, (spec) => `spec: {jobTemplate: {spec: {template: {spec: ${spec}}}}}`, 'spec.jobTemplate.spec.template.spec'],
  [podTemplate, (spec) => `template: {spec: ${spec}}`, 'template.spec'],
  [pod, (spec) => `spec: ${spec}`, 'spec'],
]

const at = (object: KubeObject, path: string): PodSpec => path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], object) as PodSpec

const features = ({ schedulingGroup, containers, volumes }: PodSpec) => ({ schedulingGroup, lifecycles: containers.map(({ lifecycle }) => lifecycle), sources: volumes?.[0]?.projected?.sources })
const none = { schedulingGroup: undefined, lifecycles: [undefined, { preStop: { sleep: { seconds: 1 } } }], sources: [{}, {}] }
const all = features(at(prepared(pod, `spec: ${used}`), 'spec'))

describe.each(templated.map(([kind, ...rest]) => [kind.kind, kind, ...rest] as const))('the pods of a %s', (_name, kind, around, path) => {
  const created = (spec: string): KubeObject => {
    const object = prepared(kind, around(spec))
    kind.prepareCreate?.(object)
    return object
  }

  it('have nothing of features that are off', () => {
    expect(features(at(created(used), path))).toEqual(none)
  })

  it('do not get it by a change either', () => {
    const changed = prepared(kind, around(used))
    kind.prepareUpdate?.(changed, created(unused), 0)
    expect(features(at(changed, path))).toEqual(none)
  })

  it('keep what they have of it', () => {
    const changed = prepared(kind, around(used))
    kind.prepareUpdate?.(changed, prepared(kind, around(used)), 0)
    expect(features(at(changed, path))).toEqual(all)
  })
})

it('a pod does not report anything of features that are off', () => {
  const reported = 'status: {nodeAllocatableResourceClaimStatuses: [{resourceClaimName: c}], containerStatuses: [{name: a, image: a, imageID: "", ready: true, restartCount: 0, stopSignal: SIGTERM, volumeMounts: [{name: v, mountPath: /v, volumeStatus: {image: {imageRef: r}}}]}]}'
  const [changed, old] = [prepared(pod, reported) as Pod, prepared(pod, `spec: ${unused}`) as Pod]
  pod.prepareUpdate?.(changed, old, 0)
  expect(changed.status?.nodeAllocatableResourceClaimStatuses).toBeUndefined()
  const [{ stopSignal, volumeMounts } = {}] = changed.status?.containerStatuses ?? []
  expect({ stopSignal, volumeMounts }).toEqual({ stopSignal: 'SIGTERM', volumeMounts: [{ name: 'v', mountPath: '/v' }] })
})

describe('how many pods of a StatefulSet may be unavailable', () => {
  const strategy = (object: KubeObject) => (object as StatefulSet).spec?.updateStrategy?.rollingUpdate
  const said = 'spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 2}}}'

  it('is not kept, as nobody looks at it', () => {
    const object = prepared(statefulSet, said) as StatefulSet
    statefulSet.prepareCreate?.(object)
    expect(strategy(object)).toEqual({ partition: 0 })
  })

  it('stays where it is said already', () => {
    const changed = prepared(statefulSet, said) as StatefulSet
    statefulSet.prepareUpdate?.(changed, prepared(statefulSet, said) as StatefulSet, 0)
    expect(strategy(changed)).toEqual({ partition: 0, maxUnavailable: 2 })
  })
})
