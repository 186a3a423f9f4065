import { each, say, checkLabels } from './checks.ts'
import type { FieldError, FieldPath } from './field-error.ts'
import { isCanonicalIP } from './ip.ts'
import { sameValue } from './same-value.ts'
import type { OwnerReference } from './generated/types.ts'
import type { AnyKind } from './kind.ts'
import type { KubeObject } from './meta.ts'
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, isPathSegmentName, isQualifiedName, type Sentences } from './validation.ts'

const nameRules: Readonly<Record<NonNullable<AnyKind['names']>, (name: string) => Sentences>> = {
  subdomain: isDNS1123Subdomain,
  label: isDNS1123Label,
  label1035: isDNS1035Label,
  'path-segment': isPathSegmentName,
  ip: isCanonicalIP,
}

/** All annotations of an object together, in bytes: TotalAnnotationSizeLimitB. */
const annotationsLimit = 256 * 1024

/** `metadata` of an object that is about to be stored; its name has been generated already. */
export const checkMeta = (kind: AnyKind, object: KubeObject, at: FieldPath, old?: KubeObject): FieldError[] =>
  [...checkNamed(kind, kind.names, object, at), ...checkKnownFinalizers(kind, object.metadata.finalizers, old?.metadata.finalizers, at.child('finalizers'))]

/** What is told of an update whatever the kind's own rules are, and what its own look at the change tells. */
export function metaUpdateMistakes(kind: AnyKind, object: KubeObject, old: KubeObject, at: FieldPath): { readonly common: FieldError[]; readonly ofKind: FieldError[] } {
  const change = [...checkMetaUpdate(object, old, at), ...checkAlways(object.metadata, at)]
  return {
    common: [...checkNamed(kind, 'path-segment', object, at), ...change],
    ofKind: [...change, ...checkKnownFinalizers(kind, object.metadata.finalizers, old.metadata.finalizers, at.child('finalizers'))],
  }
}

function checkNamed({ namespaced }: AnyKind, names: AnyKind['names'], { metadata }: KubeObject, at: FieldPath): FieldError[] {
  const { name, generateName, namespace, generation = 0 } = metadata
  const rule = nameRules[names ?? 'subdomain']
  const errors: FieldError[] = []
  if (generateName) errors.push(...say(at.child('generateName'), generateName, rule(generateName.replace(/-$/, 'a'))))
  if (!name) errors.push(at.child('name').required('name or generateName is required'))
  else errors.push(...say(at.child('name'), name, rule(name)))
  if (!namespaced) {
    if (namespace) errors.push(at.child('namespace').forbidden('not allowed on this type'))
  } else if (!namespace) errors.push(at.child('namespace').required())
  else errors.push(...say(at.child('namespace'), namespace, isDNS1123Label(namespace)))
  if (generation < 0) errors.push(at.child('generation').negative(generation))
  return [...errors, ...checkMetaFields(metadata, at)]
}

/** `metadata` of an object inside another: what is not there need not be. */
export function checkEmbeddedMeta({ name, generateName, namespace, generation = 0, ...metadata }: Partial<KubeObject['metadata']>, at: FieldPath): FieldError[] {
  return [
    ...(generateName ? say(at.child('generateName'), generateName, isPathSegmentName(generateName)) : []),
    ...(name ? say(at.child('name'), name, isPathSegmentName(name)) : []),
    ...(namespace ? say(at.child('namespace'), namespace, isDNS1123Label(namespace)) : []),
    ...(generation < 0 ? [at.child('generation').negative(generation)] : []),
    ...checkMetaFields(metadata as KubeObject['metadata'], at),
  ]
}

const checkMetaFields = (metadata: KubeObject['metadata'], at: FieldPath): FieldError[] =>
  [...checkAlways(metadata, at), ...checkFinalizers(metadata.finalizers, at.child('finalizers'))]

/** What Kubernetes checks of an object, and of its change once more. */
const checkAlways = (metadata: KubeObject['metadata'], at: FieldPath): FieldError[] => [
  ...checkLabels(metadata.labels, at.child('labels')),
  ...checkAnnotations(metadata.annotations, at.child('annotations')),
  ...checkOwners(metadata.ownerReferences, at.child('ownerReferences')),
]

export function checkAnnotations(annotations: Readonly<Record<string, string>> | undefined, at: FieldPath): FieldError[] {
  if (!annotations) return []
  const errors: FieldError[] = []
  let bytes = 0
  for (const key of Object.keys(annotations)) {
    // annotations' keys may have capitals in their prefix too
    const sentences = isQualifiedName(key.toLowerCase())
    if (sentences.length > 0) errors.push(...say(at, key, sentences))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key]!)
  }
  return bytes > annotationsLimit ? [...errors, at.tooLong(annotationsLimit)] : errors
}

function checkOwners(owners: readonly OwnerReference[] | undefined, at: FieldPath): FieldError[] {
  const errors = (owners ?? []).flatMap((owner) => {
    const missing: FieldError[] = []
    const [first = '', second = first, ...rest] = owner.apiVersion?.split('/') ?? []
    if (second === '' || rest.length > 0) missing.push(at.child('apiVersion').invalid(owner.apiVersion ?? '', 'version must not be empty'))
    for (const name of ['kind', 'name', 'uid'] as const) {
      if (!owner[name]) missing.push(at.child(name).invalid('', 'must not be empty'))
    }
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      missing.push(at.invalid(owner, '/v1, Kind=Event is disallowed from being an owner'))
    }
    return missing
  })
  const [first, second] = (owners ?? []).filter((owner) => owner.controller)
  if (first && second) {
    const found = `Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`
    errors.push(at.invalid(owners, `Only one reference can have Controller set to true. ${found}`))
  }
  return errors
}

export const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Groups whose objects may have finalizers of any name, as custom ones may. */
const freeFinalizers = ['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'coordination.k8s.io', 'node.k8s.io', 'policy']

/** What is no finalizer of Kubernetes' own says whose it is: `example.com/name`. */
export const checkFinalizerName = (name: string, at: FieldPath): FieldError[] =>
  name.includes('/') || standardFinalizers.includes(name) ? [] : [at.invalid(name, 'name is neither a standard finalizer name nor is it fully qualified')]

function checkKnownFinalizers(kind: AnyKind, finalizers: readonly string[] = [], old: readonly string[] = [], at: FieldPath): FieldError[] {
  if (kind.custom || freeFinalizers.includes(kind.group)) return []
  const before = new Set(old)
  return each(finalizers, at, (name, here) => (before.has(name) ? [] : checkFinalizerName(name, here)))
}

function checkFinalizers(finalizers: readonly string[] | undefined, at: FieldPath): FieldError[] {
  const errors = each(finalizers, at, (finalizer) => say(at, finalizer, isQualifiedName(finalizer)))
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(at.invalid(finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

const immutable = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

/** What may not change in `metadata`; whether what is there is right, `checkMeta` says. */
export function checkMetaUpdate({ metadata }: KubeObject, { metadata: old }: KubeObject, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const before = new Set(old.finalizers)
  const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer))
  if (old.deletionTimestamp && added.length > 0) {
    const list = `[]string{${added.sort().map((name) => JSON.stringify(name)).join(', ')}}`
    errors.push(at.child('finalizers').forbidden(`no new finalizers can be added if the object is being deleted, found new finalizers ${list}`))
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(at.child('generation').invalid(metadata.generation ?? 0, 'must not be decremented'))
  }
  for (const name of immutable) {
    if (!sameValue(metadata[name], old[name])) errors.push(at.child(name).immutable(metadata[name]))
  }
  return errors
}
