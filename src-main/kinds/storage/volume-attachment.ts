import { present, say } from '../checks.ts'
import { age } from '../columns.ts'
import { checkInlineVolume } from '../core/volume-rules.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { VolumeAttachment, VolumeAttachmentSource, VolumeAttachmentStatus } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { checkDriverName } from './driver-name.ts'

export type { VolumeAttachment }

export const volumeAttachment = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', plural: 'volumeattachments',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.VolumeAttachment',
  conditionalUpdate: true,
  status: true,
  statusKeeps: 'all',
  ownRules: true,
  default: (object) => {
    object.spec ??= { attacher: '', nodeName: '', source: {} }
    object.spec.source ??= {}
  },
  prepareCreate: (object) => {
    object.status = { attached: false }
  },
  validate: ({ spec, status }, at, old) => [
    ...present(spec.attacher, at.child('spec', 'attacher')),
    ...checkSource(spec.source, at.child('spec', 'source')),
    ...say(at.child('spec', 'nodeName'), spec.nodeName ?? '', isDNS1123Subdomain(spec.nodeName ?? '')),
    ...(status ? checkStatus(status, at.child('status')) : []),
    ...(old ? [] : checkNames(spec, at.child('spec'))),
  ],
  validateUpdate: ({ spec }, { spec: old }, at) => (sameValue(spec, old) ? [] : [at.child('spec').immutable(internalSpec(spec))]),
  columns: [
    { name: 'Attacher', type: 'string', format: 'name', of: 'spec.attacher', cell: ({ spec }) => spec?.attacher },
    { name: 'PV', type: 'string', of: 'spec.source.persistentVolumeName', cell: ({ spec }) => spec?.source?.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', of: 'spec.nodeName', cell: ({ spec }) => spec?.nodeName },
    { name: 'Attached', type: 'boolean', of: 'status.attached', cell: ({ status }) => status?.attached ?? false },
    age,
  ],
})

function checkSource({ persistentVolumeName: name, inlineVolumeSpec: inline }: VolumeAttachmentSource, at: FieldPath): FieldError[] {
  if (inline && name !== undefined) return [at.forbidden('must specify exactly one of inlineVolumeSpec and persistentVolumeName')]
  if (inline) return checkInlineVolume(inline, at.child('inlineVolumeSpec'))
  if (name === undefined) return [at.required('must specify exactly one of inlineVolumeSpec and persistentVolumeName')]
  return name === '' ? [at.child('persistentVolumeName').required('must specify non empty persistentVolumeName')] : []
}

/** What version 1 asks of a new one beside the rest: ValidateVolumeAttachmentV1. */
const checkNames = ({ attacher = '', source: { persistentVolumeName: name } = {} }: VolumeAttachment['spec'], at: FieldPath): FieldError[] => [
  ...checkDriverName(attacher, at.child('attacher')),
  ...(name === undefined ? [] : say(at.child('source', 'persistentVolumeName'), name, isDNS1123Subdomain(name))),
]

/** Kubernetes' own type, as its sentence shows it; of a volume's spec what the client said. */
const internalSpec = ({ attacher, nodeName, source: { persistentVolumeName, inlineVolumeSpec } = {} }: VolumeAttachment['spec']): object =>
  ({ Attacher: attacher, Source: { PersistentVolumeName: persistentVolumeName ?? null, InlineVolumeSpec: inlineVolumeSpec ?? null }, NodeName: nodeName })

/** Of storage validation, in bytes. */
const limits = { metadata: 256 * 1024, message: 1024 }

function checkStatus({ attachmentMetadata = {}, attachError, detachError }: VolumeAttachmentStatus, at: FieldPath): FieldError[] {
  const size = Object.entries(attachmentMetadata).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  const errors = size > limits.metadata ? [at.child('attachmentMetadata').tooLong(limits.metadata)] : []
  for (const [name, error] of Object.entries({ attachError, detachError })) {
    // the figure that Kubernetes tells is the other's
    if (Buffer.byteLength(error?.message ?? '') > limits.message) errors.push(at.child(name, 'message').tooLong(limits.metadata))
    if ((error?.errorCode ?? 0) < 0) errors.push(at.child(name, 'errorCode').outOfRange(error?.errorCode ?? 0, 0, 2 ** 31 - 1))
  }
  return errors
}
