import type { FieldError, FieldPath } from '../field-error.ts'
import type { Pod } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { podColumns } from './pod-columns.ts'
import { qosClassOf } from './pod-qos.ts'
import { checkPodSpec, defaultRunningPod } from './pod-spec.ts'
import { checkPodUpdate } from './pod-update.ts'

export type { Pod }

export const pod = defineKind<Pod>({
  group: '', version: 'v1', kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Pod',
  status: true,
  generation: true,
  default: (object) => defaultRunningPod((object.spec ??= { containers: [] })),
  prepareCreate: (object) => {
    object.status = { phase: 'Pending', qosClass: qosClassOf(object) }
  },
  validate: checkPod,
  validateUpdate: checkPodUpdate,
  gracePeriodSeconds: ({ spec }) => graceOf(spec?.terminationGracePeriodSeconds),
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  columns: podColumns,
})

function checkPod({ spec }: Pod, at: FieldPath): FieldError[] {
  const errors = checkPodSpec(spec, at.child('spec'))
  if (spec?.nodeName && spec.schedulingGates?.length) {
    errors.push(at.child('spec', 'nodeName').forbidden('cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

/** 30 unless said; a negative period is one second, as in Kubernetes. */
const graceOf = (seconds = 30): number => (seconds < 0 ? 1 : seconds)
