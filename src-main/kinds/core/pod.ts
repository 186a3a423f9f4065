import type { FieldError, FieldPath } from '../field-error.ts'
import type { Pod } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { each } from '../checks.ts'
import { lookup } from '../lookup.ts'
import { checkImage } from './container.ts'
import { dropDisabledFields, dropDisabledStatus } from './disabled-fields.ts'
import { checkAppArmorAgrees, checkPodAnnotations, checkSeccompAgrees } from './pod-annotations.ts'
import { podColumns } from './pod-columns.ts'
import { prepareNewPod } from './pod-creation.ts'
import { checkPodSpec, defaultRunningPod, noSpec } from './pod-spec.ts'
import { agreeOnPodIP, checkPodStatus, keepObservedGenerations, warnOfPodStatus } from './pod-status.ts'
import { checkPodUpdate } from './pod-update.ts'
import { warnOfPod } from './pod-warnings.ts'

export type { Pod }

export const pod = defineKind<Pod>({
  group: '', version: 'v1', kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Pod',
  status: true,
  statusKeeps: 'owners',
  generation: true,
  default: (object) => {
    defaultRunningPod((object.spec ??= { containers: [] }))
    if (object.status) object.status = agreeOnPodIP(object.status)
  },
  prepareCreate: prepareNewPod,
  // people seldom change pods, and others do it often
  warn: (object, old) => (old ? [] : warnOfPod(object)),
  // who leaves these out of a status means no change
  prepareUpdate: (object, old) => {
    const { qosClass, observedGeneration } = old.status ?? {}
    const { status } = object
    if (qosClass && status && !status.qosClass) object.status = { ...status, qosClass }
    if (observedGeneration && status && !status.observedGeneration) object.status = { ...object.status, observedGeneration }
    keepObservedGenerations(object, old)
    if (object.spec !== old.spec) dropDisabledFields(object.spec, old.spec)
    dropDisabledStatus(object.status, old.status)
  },
  ownRules: true,
  validate: (object, at, old) => [...checkPod(object, at), ...(old ? [] : checkNewPod(object, at.child('spec')))],
  validateUpdate: checkPodUpdate,
  validatePart: (subresource, object, old, at) => (subresource === 'status' ? checkPodStatus(object, old, at) : []),
  warnPart: (subresource, object) => (subresource === 'status' ? warnOfPodStatus(object) : []),
  gracePeriodSeconds: ({ spec }) => graceOf(spec?.terminationGracePeriodSeconds === undefined ? undefined : Number(spec.terminationGracePeriodSeconds)),
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    // the old name of it
    'spec.host': ({ spec }) => spec?.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec?.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec?.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec?.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec?.hostNetwork ?? false),
    'status.phase': ({ status }) => status?.phase ?? '',
    'status.podIP': ({ status }) => status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    // may be asked for, and is nowhere
    'status.podIPs': () => '',
    'status.nominatedNodeName': ({ status }) => status?.nominatedNodeName ?? '',
  },
  columns: podColumns,
  completed: ({ status }) => lookup(ends, status?.phase ?? ''),
})

const ends = {
  Succeeded: { reason: 'Succeeded', message: 'The pod has completed successfully.' },
  Failed: { reason: 'Failed', message: 'The pod failed.' },
} as const

function checkPod({ metadata, spec = noSpec() }: Pod, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const errors = [
    ...checkPodAnnotations(metadata.annotations, spec, root.child('metadata', 'annotations')),
    ...checkPodSpec(spec, at, metadata.name ?? ''),
  ]
  if (!spec.serviceAccountName) {
    const sentence = 'must not be specified when serviceAccountName is not set'
    errors.push(...each(spec.volumes, at.child('volumes'), ({ projected }, here) =>
      each(projected?.sources, here.child('projected', 'sources'), ({ serviceAccountToken }, there) =>
        serviceAccountToken ? [there.child('serviceAccountToken').forbidden(sentence)] : [],
      ),
    ))
  }
  return [...errors, ...(['containers', 'initContainers'] as const).flatMap((list) => each(spec[list], at.child(list), ({ image }, here) => checkImage(image, here.child('image'))))]
}

function checkNewPod({ metadata, spec = noSpec() }: Pod, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (spec.ephemeralContainers?.length) errors.push(at.child('ephemeralContainers').forbidden('cannot be set on create'))
  if (spec.nodeName && spec.schedulingGates?.length) errors.push(at.child('nodeName').forbidden('cannot be set until all schedulingGates have been cleared'))
  return [...errors, ...checkSeccompAgrees(metadata.annotations, spec, at), ...checkAppArmorAgrees(metadata.annotations, spec, at)]
}

/** 30 unless said; a negative period is one second, as in Kubernetes. */
const graceOf = (seconds = 30): number => (seconds < 0 ? 1 : seconds)
