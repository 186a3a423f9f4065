import { parseQuantity } from '../../base/quantity.ts'
import { each, say } from '../checks.ts'
import { checkConstraints } from '../constraints.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeSpec } from '../generated/types.ts'
import { sameValue } from '../same-value.ts'
import { schemas } from '../schemas.ts'
import { isDNS1123Subdomain } from '../validation.ts'
import { checkNodeTerm } from './scheduling-fields.ts'
import { checkVolumeSource } from './volume-sources.ts'

const common = new Set(['accessModes', 'capacity', 'claimRef', 'mountOptions', 'nodeAffinity', 'persistentVolumeReclaimPolicy', 'storageClassName', 'volumeAttributesClassName', 'volumeMode'])
const sourcesOf = (spec: PersistentVolumeSpec) => Object.keys(spec).filter((name) => !common.has(name)) as Array<keyof PersistentVolumeSpec>

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const policies = ['Delete', 'Recycle', 'Retain']
const volumeModes = ['Block', 'Filesystem']

/** What a PersistentVolume, or a VolumeAttachment that says its volume itself, may say. */
export function checkVolumeSpec(spec: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  const { capacity = {}, persistentVolumeReclaimPolicy: policy = '', volumeMode, storageClassName } = spec
  const errors = checkModes(spec.accessModes, at.child('accessModes'), '')
  if (Object.keys(capacity).length === 0) errors.push(at.child('capacity').required())
  if (!Object.hasOwn(capacity, 'storage') || Object.keys(capacity).length > 1) errors.push(at.child('capacity').notSupported(capacity, ['storage']))
  for (const [name, size] of Object.entries(capacity)) {
    const amount = parseQuantity(size) ?? 0
    if (amount < 0) errors.push(at.child('capacity').key(name).invalid(Math.ceil(amount), 'must be a valid resource quantity'))
    if (amount <= 0) errors.push(at.child('capacity').key(name).invalid(size, 'must be greater than zero'))
  }
  if (policy !== '' && !policies.includes(policy)) errors.push(at.child('persistentVolumeReclaimPolicy').notSupported(policy, policies))
  errors.push(...checkAffinity(spec, at.child('nodeAffinity')))
  const [first, ...others] = sourcesOf(spec)
  if (!first) errors.push(at.required('must specify a volume type'))
  else errors.push(...checkSources(spec, first, at))
  errors.push(...others.map((name) => at.child(name).forbidden('may not specify more than 1 volume type')))
  if (spec.hostPath && policy === 'Recycle' && /^\/*$/.test(spec.hostPath.path)) {
    errors.push(at.child('persistentVolumeReclaimPolicy').forbidden("may not be 'recycle' for a hostPath mount of '/'"))
  }
  if (storageClassName) errors.push(...say(at.child('storageClassName'), storageClassName, isDNS1123Subdomain(storageClassName)))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) errors.push(at.child('volumeMode').notSupported(volumeMode, volumeModes))
  return errors
}

/** What the schema demands of the source, where Kubernetes' own rules about it say nothing. */
function checkSources(spec: PersistentVolumeSpec, name: keyof PersistentVolumeSpec, at: FieldPath): FieldError[] {
  const own = checkVolumeSource(name, spec, at.child(name))
  if (own) return own
  const general = checkConstraints('io.k8s.api.core.v1.PersistentVolumeSpec', { [name]: spec[name] }, schemas)
  return general.map((error) => ({ ...error, field: at.child(error.field).toString() }))
}

function checkAffinity({ nodeAffinity, local }: PersistentVolumeSpec, at: FieldPath): FieldError[] {
  if (!nodeAffinity) return local ? [at.required('Local volume requires node affinity')] : []
  const { required } = nodeAffinity
  if (!required) return [at.child('required').required('must specify required node constraints')]
  const terms = at.child('required', 'nodeSelectorTerms')
  if (!required.nodeSelectorTerms?.length) return [terms.required('must have at least one node selector term')]
  return each(required.nodeSelectorTerms, terms, checkNodeTerm)
}

/** `missing`: what is said when there are none. */
export function checkModes(given: readonly string[] | undefined, at: FieldPath, missing: string): FieldError[] {
  if (!given?.length) return [at.required(missing)]
  const errors = given.filter((mode) => !modes.includes(mode)).map((mode) => at.notSupported(mode, modes))
  const alone = given.length === 1 || !given.includes('ReadWriteOncePod')
  return alone ? errors : [...errors, at.forbidden('may not use ReadWriteOncePod with other access modes')]
}

export function checkVolumeUpdate(spec: PersistentVolumeSpec, old: PersistentVolumeSpec, root: FieldPath): FieldError[] {
  // Kubernetes' own paths
  const changed = [...new Set([...sourcesOf(spec), ...sourcesOf(old)])].some((name) => !sameValue(spec[name], old[name]))
  const errors = changed ? [root.child('spec', 'persistentvolumesource').forbidden('spec.persistentvolumesource is immutable after creation')] : []
  if (spec.volumeMode !== old.volumeMode) errors.push(root.child('volumeMode').immutable(spec.volumeMode))
  if (old.nodeAffinity && !sameValue(spec.nodeAffinity, old.nodeAffinity)) errors.push(root.child('nodeAffinity').immutable(spec.nodeAffinity))
  return errors
}
