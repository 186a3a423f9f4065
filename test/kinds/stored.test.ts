import { describe, expect, it } from 'vitest'
import { statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { horizontalPodAutoscaler } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob } from '../../src-main/kinds/batch/cron-job.ts'
import { job, type Job } from '../../src-main/kinds/batch/job.ts'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import { podDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../src-main/kinds/rbac/role-binding.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { changed, mistakes, prepared, updateMistakes } from './prepared.ts'

const workload = 'spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}}'
const aJob = 'spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}'
const chosen = 'spec: {manualSelector: true, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}'
const aRoute = 'spec: {rules: [{host: a.b, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}'
const route = (path: string) => `spec: {rules: [{http: {paths: [${path}]}}]}`
const http = 'spec.rules[0].http.paths[0]'

const cases: ReadonlyArray<readonly [kind: AnyKind, manifest: string, ...errors: string[]]> = [
  [statefulSet, workload],
  [statefulSet, changed(workload, 'spec: {volumeClaimTemplates: [{metadata: {name: v}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], template: {spec: {containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /v}]}]}}}')],
  [statefulSet, changed(workload, 'spec: {selector: {matchLabels: null}}'), 'spec.selector: Invalid value: {}: empty selector is invalid for statefulset'],
  [daemonSet, workload],
  [daemonSet, changed(workload, 'spec: {template: {spec: {restartPolicy: Never}}}'), 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
  [job, changed(aJob, chosen)],
  [job, changed(changed(aJob, chosen), 'spec: {template: {spec: {restartPolicy: null}}, parallelism: -1}'), 'spec.parallelism: Invalid value: -1: must be greater than or equal to 0', 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  [cronJob, `spec: {schedule: "*/5 * * * *", jobTemplate: {${aJob}}}`],
  [cronJob, `spec: {schedule: "* *", jobTemplate: {${aJob}}}`, 'spec.schedule: Invalid value: "* *": expected exactly 5 fields, found 2: [* *]'],
  [horizontalPodAutoscaler, 'spec: {maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}'],
  [horizontalPodAutoscaler, 'spec: {minReplicas: 3, maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment}}', 'spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`', 'spec.scaleTargetRef.name: Required value'],
  [podDisruptionBudget, 'spec: {minAvailable: 1, maxUnavailable: 1}', 'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'],
  [ingress, aRoute],
  [ingress, 'spec: {}', 'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
  [ingress, route('{path: a, pathType: Exact, backend: {service: {name: web, port: {}}}}'), `${http}.path: Invalid value: "a": must be an absolute path`, `${http}.backend: Required value: port name or number is required`],
  [ingress, route('{path: /, pathType: Regex, backend: {service: {name: web, port: {name: http}}}}'), `${http}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
  [role, 'metadata: {name: "system:a"}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]'],
  [role, 'rules: [{verbs: [get], nonResourceURLs: [/x]}]', 'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'],
  [clusterRole, 'rules: [{verbs: [get], nonResourceURLs: [/x]}]'],
  [clusterRole, 'rules: [{verbs: [], apiGroups: [""]}]', 'rules[0].verbs: Required value: verbs must contain at least one value', 'rules[0].resources: Required value: resource rules must supply at least one resource'],
  [roleBinding, 'roleRef: {kind: Role, name: a}\nsubjects: [{kind: User, name: ann}, {kind: ServiceAccount, name: a, namespace: b}]'],
  [roleBinding, 'roleRef: {kind: Role, name: a}\nsubjects: [{kind: ServiceAccount}]', 'subjects[0].name: Required value'],
  [persistentVolumeClaim, 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}'],
  [persistentVolumeClaim, 'spec: {accessModes: [Once]}', 'spec.accessModes: Unsupported value: "Once": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"', 'spec.resources[storage]: Required value'],
  [limitRange, 'spec: {limits: [{type: Container, max: {cpu: 1}, min: {cpu: 2}}]}', 'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1', 'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1', 'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1'],
]

describe('a kind that is stored and shown', () => {
  for (const [kind, manifest, ...errors] of cases) {
    it(`checks a ${kind.kind} like ${manifest.slice(0, 90)}`, () => {
      expect(mistakes(kind, manifest)).toEqual(errors)
    })
  }

  it('gives a Job the labels of its own uid, unless the user chooses the selector', () => {
    const made = prepared(job, changed(aJob, 'metadata: {uid: u1}')) as Job
    job.prepareCreate?.(made)
    expect(made.spec?.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } })
    expect(made.spec?.template.metadata?.labels).toMatchObject({ 'batch.kubernetes.io/controller-uid': 'u1', 'job-name': 'web' })
    const own = prepared(job, changed(aJob, 'spec: {manualSelector: true, selector: {matchLabels: {a: b}}}')) as Job
    job.prepareCreate?.(own)
    expect(own.spec?.selector).toEqual({ matchLabels: { a: 'b' } })
  })

  it('lets a StatefulSet change only what its pods can follow', () => {
    expect(updateMistakes(statefulSet, workload, changed(workload, 'spec: {replicas: 3}'))).toEqual([])
    expect(updateMistakes(statefulSet, workload, changed(workload, 'spec: {serviceName: other}'))).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ])
  })

  it('lets a RoleBinding keep its role', () => {
    const [from, to] = ['a', 'b'].map((name) => `roleRef: {kind: Role, name: ${name}}`)
    expect(updateMistakes(roleBinding, from!, to!)).toEqual(['roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef'])
  })
})
