import { parseQuantity } from '../../base/quantity.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { NodeSelectorRequirement, PersistentVolumeSpec } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { persistentSources } from './persistent-volume-sources.ts'
import { checkNodeTerm } from './scheduling-fields.ts'
import { showChange } from './show-change.ts'

const sourcesOf = (spec: PersistentVolumeSpec) => (Object.keys(persistentSources) as Array<keyof PersistentVolumeSpec>).filter((name) => spec[name] !== undefined)

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const policies = ['Delete', 'Recycle', 'Retain']
const volumeModes = ['Block', 'Filesystem']

/** What a PersistentVolume may say. `name` is the volume's. */
export function checkVolumeSpec(spec: PersistentVolumeSpec, at: FieldPath, name = ''): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode, storageClassName } = spec
  const errors = [...checkModes(spec.accessModes, at.child('accessModes'), ''), ...checkCapacity(spec.capacity, at.child('capacity'))]
  if (policy !== '' && !policies.includes(policy)) errors.push(at.child('persistentVolumeReclaimPolicy').notSupported(policy, policies))
  errors.push(...checkAffinity(spec, at.child('nodeAffinity')), ...checkSources(spec, at, name))
  if (storageClassName) errors.push(...say(at.child('storageClassName'), storageClassName, isDNS1123Subdomain(storageClassName)))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) errors.push(at.child('volumeMode').notSupported(volumeMode, volumeModes))
  return [...errors, ...checkAttributes(spec, at)]
}

const elsewhere = 'in the context of inline volumes'

/** What a VolumeAttachment may say of a volume that has no object of its own: a driver's, kept and with files. */
export function checkInlineVolume(spec: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  const { claimRef, capacity, csi, persistentVolumeReclaimPolicy: policy, nodeAffinity, storageClassName, volumeMode } = spec
  const refuse = (isSet: unknown, field: keyof PersistentVolumeSpec): FieldError[] => (isSet ? [at.child(field).forbidden(`may not be specified ${elsewhere}`)] : [])
  return [
    ...refuse(claimRef, 'claimRef'),
    ...refuse(Object.keys(capacity ?? {}).length, 'capacity'),
    ...(csi ? [] : [at.child('csi').required(`has to be specified ${elsewhere}`)]),
    ...checkModes(spec.accessModes, at.child('accessModes'), ''),
    ...(policy && policy !== 'Retain' ? [at.child('persistentVolumeReclaimPolicy').forbidden(`may only be Retain ${elsewhere}`)] : []),
    ...refuse(nodeAffinity, 'nodeAffinity'),
    ...checkSources(spec, at, ''),
    ...refuse(storageClassName, 'storageClassName'),
    ...(volumeMode !== undefined && volumeMode !== 'Filesystem' ? [at.child('volumeMode').forbidden(`may not specify volumeMode other than Filesystem ${elsewhere}`)] : []),
    ...checkAttributes(spec, at),
  ]
}

function checkCapacity(capacity: PersistentVolumeSpec['capacity'], at: FieldPath): FieldError[] {
  const sizes = Object.entries(capacity ?? {})
  const errors = sizes.length === 0 ? [at.required()] : []
  if (sizes.length !== 1 || sizes[0]![0] !== 'storage') errors.push(at.notSupported(capacity ?? null, ['storage']))
  for (const [name, size] of sizes) {
    const amount = parseQuantity(size) ?? 0
    if (amount < 0) errors.push(at.key(name).invalid(Math.ceil(amount), 'must be a valid resource quantity'))
    if (amount <= 0) errors.push(at.key(name).invalid(size, 'must be greater than zero'))
  }
  return errors
}

/** Where Kubernetes' own word for a second source is not the field's name. */
const spelled = { cephfs: 'cephFS' } as const

function checkSources(spec: PersistentVolumeSpec, at: FieldPath, name: string): FieldError[] {
  const given = sourcesOf(spec)
  const errors = given.flatMap((source, i) => {
    if (i > 0 && source !== 'flexVolume') return [at.child(lookup(spelled, source) ?? source).forbidden('may not specify more than 1 volume type')]
    const wrong = persistentSources[source]?.(spec, at, name) ?? []
    return source === 'local' && !spec.nodeAffinity ? [...wrong, at.child('nodeAffinity').required('Local volume requires node affinity')] : wrong
  })
  if (given.length === 0) errors.push(at.required('must specify a volume type'))
  const isRoot = spec.hostPath && spec.persistentVolumeReclaimPolicy === 'Recycle' && /^\/*$/.test(spec.hostPath.path)
  return isRoot ? [...errors, at.child('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'")] : errors
}

function checkAffinity({ nodeAffinity }: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  if (!nodeAffinity) return []
  const { required } = nodeAffinity
  if (!required) return [at.child('required').required('must specify required node constraints')]
  const terms = at.child('required', 'nodeSelectorTerms')
  if (!required.nodeSelectorTerms?.length) return [terms.required('must have at least one node selector term')]
  return each(required.nodeSelectorTerms, terms, (term, here) => checkNodeTerm(term, here))
}

function checkAttributes({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  if (name === undefined) return []
  const here = at.child('volumeAttributesClassName')
  const errors = name === '' ? [here.required('an empty string is disallowed')] : say(here, name, isDNS1123Subdomain(name))
  return csi ? errors : [...errors, at.child('csi').required('has to be specified when using volumeAttributesClassName')]
}

/** `missing`: what is said when there are none. */
export function checkModes(given: readonly string[] | undefined, at: FieldPath, missing: string): FieldError[] {
  if (!given?.length) return [at.required(missing)]
  const errors = given.filter((mode) => !modes.includes(mode)).map((mode) => at.notSupported(mode, modes))
  const alone = !given.includes('ReadWriteOncePod') || given.every((mode) => mode === 'ReadWriteOncePod' || !modes.includes(mode))
  return alone ? errors : [...errors, at.forbidden('may not use ReadWriteOncePod with other access modes')]
}

/** The paths are Kubernetes' own. */
export function checkVolumeUpdate(spec: PersistentVolumeSpec, old: PersistentVolumeSpec, root: FieldPath): FieldError[] {
  const sources = (one: PersistentVolumeSpec) => Object.fromEntries(sourcesOf(one).map((name) => [name, one[name]]))
  const [now, before] = [sources(withSecretFilled(spec, old)), sources(old)]
  const errors: FieldError[] = []
  if (!sameValue(now, before)) {
    errors.push(root.child('spec', 'persistentvolumesource').forbidden(`spec.persistentvolumesource is immutable after creation\n${showChange(before, now)}`))
  }
  if (spec.volumeMode !== old.volumeMode) errors.push(root.child('volumeMode').immutable(spec.volumeMode))
  if (old.nodeAffinity && !sameValue(spec.nodeAffinity, renewed(old.nodeAffinity, spec.nodeAffinity))) {
    errors.push(root.child('nodeAffinity').invalid(spec.nodeAffinity, 'field is immutable, except for updating from beta label to GA'))
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    errors.push(root.child('spec', 'volumeAttributesClassName').forbidden('update from non-nil value to nil is forbidden'))
  }
  return errors
}

/** The secret with which a driver makes a volume larger may be said later. */
function withSecretFilled(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!spec.csi?.controllerExpandSecretRef || !old.csi || old.csi.controllerExpandSecretRef) return spec
  const { controllerExpandSecretRef: _filled, ...csi } = spec.csi
  return { ...spec, csi }
}

const newLabels = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
} as const

type VolumeAffinity = NonNullable<PersistentVolumeSpec['nodeAffinity']>

/** The affinity that was, with the labels' new names wherever the one that shall be has them. */
function renewed(old: VolumeAffinity, now: VolumeAffinity | undefined): VolumeAffinity {
  const renew = (list: NodeSelectorRequirement[] | undefined, next: readonly NodeSelectorRequirement[] | undefined) =>
    list?.map((requirement, i) => {
      const key = lookup(newLabels, requirement.key)
      return key && key === next?.[i]?.key ? { ...requirement, key } : requirement
    })
  const terms = old.required?.nodeSelectorTerms?.map((term, i) => {
    const expressions = renew(term.matchExpressions, now?.required?.nodeSelectorTerms?.[i]?.matchExpressions)
    return expressions ? { ...term, matchExpressions: expressions } : term
  })
  return terms ? { ...old, required: { ...old.required, nodeSelectorTerms: terms } } : old
}
