import { present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EnvVar, EnvVarSource } from '../generated/types.ts'
import { isConfigMapKey, isEnvVarName, isQualifiedName } from '../validation.ts'

export const envFieldPaths: readonly string[] = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]
export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid',
]

const resourcePaths = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/

export function checkEnv(variable: EnvVar, at: FieldPath): FieldError[] {
  const errors = variable.name ? say(at.child('name'), variable.name, isEnvVarName(variable.name)) : [at.child('name').required()]
  if (!variable.valueFrom) return errors
  return [...errors, ...checkSource(variable.valueFrom, variable.value, at.child('valueFrom'))]
}

function checkSource(source: EnvVarSource, value: string | undefined, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const given = Object.values(source).filter((part) => part !== undefined && part !== null).length
  if (given === 0) {
    errors.push(at.invalid('', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  } else if (value) errors.push(at.invalid('', 'may not be specified when `value` is not empty'))
  if (given > 1) errors.push(at.invalid('', 'may not have more than one field specified at a time'))
  if (source.fieldRef) errors.push(...checkFieldRef(source.fieldRef.fieldPath, at.child('fieldRef', 'fieldPath'), envFieldPaths))
  if (source.resourceFieldRef) errors.push(...checkResourceRef(source.resourceFieldRef.resource, at.child('resourceFieldRef', 'resource')))
  for (const name of ['configMapKeyRef', 'secretKeyRef'] as const) {
    const ref = source[name]
    if (!ref) continue
    errors.push(...present(ref.name, at.child(name, 'name')))
    if (!ref.key) errors.push(at.child(name, 'key').required())
    else errors.push(...say(at.child(name, 'key'), ref.key, isConfigMapKey(ref.key)))
  }
  return errors
}

/** A path into the pod: one of a list, or one label or annotation by its key. */
export function checkFieldRef(path: string | undefined, at: FieldPath, supported: readonly string[]): FieldError[] {
  if (!path) return [at.required()]
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return say(at, path, isQualifiedName((subscript[2] ?? '').toLowerCase()))
  if (supported.includes(path)) return []
  return envFieldPaths.includes(path) || volumeFieldPaths.includes(path)
    ? [at.notSupported(path, supported)]
    : [at.invalid(path, `error converting fieldPath: field label not supported: ${path}`)]
}

export function checkResourceRef(resource: string | undefined, at: FieldPath): FieldError[] {
  if (!resource) return [at.required()]
  if (resourcePaths.test(resource)) return []
  const supported = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
  return [at.notSupported(resource, supported)]
}
