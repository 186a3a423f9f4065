import { filledTemplate, immutable, type KindCase, selector, template } from './kind-case.ts'

const workload = { selector, template }
const otherSelector = { spec: { selector: { matchLabels: { app: 'b' } }, template: { metadata: { labels: { app: 'b' } } } } }
const doesNotMatch = /`selector` does not match template `labels`$/
const notNegative = /^Invalid value: -1: must be greater than or equal to 0$/

export const workloads: readonly KindCase[] = [
  {
    resource: 'v1/pods', kind: 'Pod', since: 24, shortNames: ['po'], categories: ['all'],
    subresources: ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'status'],
    columns: 'Name, Ready, Status, Restarts, Age | IP, Node, Nominated Node, Readiness Gates',
    least: { spec: { schedulerName: 'nobody', containers: template.spec.containers } },
    filled: { spec: { ...filledTemplate.spec, schedulerName: 'nobody', enableServiceLinks: true, preemptionPolicy: 'PreemptLowerPriority', priority: 0, serviceAccountName: 'default' }, status: { phase: 'Pending', qosClass: 'BestEffort' } },
    mistake: { merge: { spec: { restartPolicy: 'Sometimes' } }, causes: [['spec.restartPolicy', 'FieldValueNotSupported', /^Unsupported value: "Sometimes": supported values: "Always", "(Never|OnFailure)", "(Never|OnFailure)"$/]] },
    fixed: { merge: { spec: { hostname: 'other' } }, causes: [['spec', 'FieldValueForbidden', /^Forbidden: pod updates may not change fields other than/]] },
    status: { phase: 'Running', message: 'here' }, change: { spec: { activeDeadlineSeconds: 10 } }, generationSince: 34,
  },
  {
    resource: 'v1/podtemplates', kind: 'PodTemplate', columns: 'Name, Containers, Images, Pod Labels |',
    least: { template }, filled: { template: filledTemplate },
    mistake: { merge: { template: { spec: { containers: [{ name: 'main' }] } } }, causes: [['template.spec.containers[0].image', 'FieldValueRequired', /^Required value/]] },
    change: { template: { spec: { hostname: 'other' } } }, generationSince: 23,
  },
  {
    resource: 'v1/replicationcontrollers', kind: 'ReplicationController', shortNames: ['rc'], categories: ['all'], subresources: ['scale', 'status'],
    columns: 'Name, Desired, Current, Ready, Age | Containers, Images, Selector',
    least: { spec: { replicas: 0, template } }, filled: { spec: { selector: { app: 'a' }, template: filledTemplate }, metadata: { labels: { app: 'a' } }, status: { replicas: 0 } },
    mistake: { merge: { spec: { selector: { app: 'b' } } }, causes: [['spec.template.metadata.labels', 'FieldValueInvalid', doesNotMatch]] },
    status: { replicas: 3 }, change: { spec: { minReadySeconds: 5 } },
  },
  {
    resource: 'apps/v1/replicasets', kind: 'ReplicaSet', shortNames: ['rs'], categories: ['all'], subresources: ['scale', 'status'],
    columns: 'Name, Desired, Current, Ready, Age | Containers, Images, Selector',
    least: { spec: { replicas: 0, ...workload } }, filled: { spec: { replicas: 0, template: filledTemplate }, status: { replicas: 0 } },
    mistake: { merge: { spec: { replicas: -1 } }, causes: [['spec.replicas', 'FieldValueInvalid', notNegative]] },
    fixed: { merge: otherSelector, causes: [['spec.selector', 'FieldValueInvalid', immutable]] },
    status: { replicas: 3 }, change: { spec: { minReadySeconds: 5 } },
  },
  {
    resource: 'apps/v1/deployments', kind: 'Deployment', shortNames: ['deploy'], categories: ['all'], subresources: ['scale', 'status'],
    columns: 'Name, Ready, Up-to-date, Available, Age | Containers, Images, Selector',
    least: { spec: { ...workload, paused: true, replicas: 0 } },
    filled: { spec: { revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } }, template: filledTemplate } },
    mistake: { merge: { spec: { selector: { matchLabels: { app: 'b' } } } }, causes: [['spec.template.metadata.labels', 'FieldValueInvalid', doesNotMatch]] },
    fixed: { merge: otherSelector, causes: [['spec.selector', 'FieldValueInvalid', immutable]] },
    status: { replicas: 3 }, change: { spec: { minReadySeconds: 5 } },
  },
  {
    resource: 'apps/v1/statefulsets', kind: 'StatefulSet', shortNames: ['sts'], categories: ['all'], subresources: ['scale', 'status'],
    columns: 'Name, Ready, Age | Containers, Images',
    least: { spec: { replicas: 0, serviceName: 's', ...workload } },
    filled: { spec: { podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } }, template: filledTemplate } },
    mistake: { merge: { spec: { podManagementPolicy: 'Wild' } }, causes: [['spec.podManagementPolicy', 'FieldValueInvalid', /^Invalid value: "Wild": must be 'OrderedReady' or 'Parallel'$/]] },
    fixed: { merge: { spec: { serviceName: 'other' } }, causes: [['spec', 'FieldValueForbidden', /^Forbidden: updates to statefulset spec for fields other than/]] },
    status: { replicas: 3 }, change: { spec: { replicas: 0, template: { spec: { terminationGracePeriodSeconds: 5 } } } },
  },
  {
    resource: 'apps/v1/daemonsets', kind: 'DaemonSet', shortNames: ['ds'], categories: ['all'], subresources: ['status'],
    columns: 'Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age | Containers, Images, Selector',
    least: { spec: { ...workload, template: { ...template, spec: { ...template.spec, nodeSelector: { nobody: 'here' } } } } },
    filled: { spec: { revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } }, status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 } },
    mistake: { merge: { spec: { template: { spec: { restartPolicy: 'Never' } } } }, causes: [['spec.template.spec.restartPolicy', 'FieldValueNotSupported', /^Unsupported value: "Never": supported values: "Always"$/]] },
    fixed: { merge: otherSelector, causes: [['spec.selector', 'FieldValueInvalid', immutable]] },
    status: { numberUnavailable: 2 }, change: { spec: { minReadySeconds: 5 } },
  },
  {
    resource: 'apps/v1/controllerrevisions', kind: 'ControllerRevision', columns: 'Name, Controller, Revision, Age |',
    least: { revision: 1, data: { a: 1 } },
    mistake: { merge: { revision: -1 }, causes: [['revision', 'FieldValueInvalid', notNegative]] },
    fixed: { merge: { data: { a: 2 } }, causes: [['data', 'FieldValueInvalid', immutable]] },
  },
  {
    resource: 'batch/v1/jobs', kind: 'Job', categories: ['all'], subresources: ['status'],
    columns: 'Name, Status, Completions, Duration, Age | Containers, Images, Selector', columnsSince: 30,
    least: { spec: { parallelism: 0, template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
    filled: { spec: { backoffLimit: 6, completionMode: 'NonIndexed', manualSelector: false, suspend: false, podReplacementPolicy: 'TerminatingOrFailed' }, status: {} }, filledSince: 34,
    mistake: { merge: { spec: { template: { spec: { restartPolicy: 'Always' } } } }, causes: [['spec.template.spec.restartPolicy', 'FieldValueRequired', /^Required value: valid values: "OnFailure", "Never"$/]] },
    fixed: { merge: { spec: { completions: 5 } }, causes: [['spec.completions', 'FieldValueInvalid', immutable]] },
    status: { failed: 3 }, change: { spec: { ttlSecondsAfterFinished: 100 } }, generationSince: 21,
  },
  {
    resource: 'batch/v1/cronjobs', kind: 'CronJob', since: 21, shortNames: ['cj'], categories: ['all'], subresources: ['status'],
    columns: 'Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age | Containers, Images, Selector', columnsSince: 30,
    least: { spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } } } },
    filled: { spec: { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 } },
    mistake: { merge: { spec: { schedule: 'never' } }, causes: [['spec.schedule', 'FieldValueInvalid', /^Invalid value: "never": expected exactly 5 fields, found 1: \[never\]$/]] },
    status: { lastScheduleTime: '2026-01-01T00:00:00Z' }, change: { spec: { concurrencyPolicy: 'Forbid' } },
  },
  {
    resource: 'autoscaling/v1/horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler', shortNames: ['hpa'], categories: ['all'], subresources: ['status'],
    columns: 'Name, Reference, Targets, MinPods, MaxPods, Replicas, Age |',
    least: { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'none', apiVersion: 'apps/v1' } } }, filled: { spec: { minReplicas: 1 } },
    mistake: { merge: { spec: { maxReplicas: -1 } }, causes: [['spec.maxReplicas', 'FieldValueInvalid', /^Invalid value: -1: must be greater than 0$/], ['spec.maxReplicas', 'FieldValueInvalid', /must be greater than or equal to `minReplicas`$/]] },
    status: { currentReplicas: 1, desiredReplicas: 2 },
  },
  {
    resource: 'autoscaling/v2/horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler', since: 23, shortNames: ['hpa'], categories: ['all'], subresources: ['status'],
    columns: 'Name, Reference, Targets, MinPods, MaxPods, Replicas, Age |',
    least: { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'none', apiVersion: 'apps/v1' } } },
    filled: { spec: { minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] } },
    mistake: { merge: { spec: { scaleTargetRef: { name: '' } } }, causes: [['spec.scaleTargetRef.name', 'FieldValueRequired', /^Required value$/]] },
    status: { currentReplicas: 1, desiredReplicas: 2 },
  },
  {
    resource: 'policy/v1/poddisruptionbudgets', kind: 'PodDisruptionBudget', since: 21, shortNames: ['pdb'], subresources: ['status'],
    columns: 'Name, Min Available, Max Unavailable, Allowed Disruptions, Age |',
    least: { spec: { minAvailable: 1, selector } },
    mistake: { merge: { spec: { maxUnavailable: 1 } }, causes: [['spec', 'FieldValueInvalid', /minAvailable and maxUnavailable cannot be both set$/]] },
    status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 7 }, change: { spec: { minAvailable: 2 } },
  },
]
