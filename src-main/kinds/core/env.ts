import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector, ResourceFieldSelector } from '../generated/types.ts'
import { isConfigMapKey, isDNS1123Label, isDNS1123Subdomain, isEnvVarName, isQualifiedName } from '../validation.ts'
import { withoutUpwards } from './paths.ts'

export const envFieldPaths: readonly string[] = [
  'metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs',
]
export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid',
]
/** All that Kubernetes can read of a pod by a path, wherever: ConvertDownwardAPIFieldLabel. */
const podFieldLabels = new Set([...envFieldPaths, ...volumeFieldPaths, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'])
const resourcePaths: readonly string[] = [
  'limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory',
]

export function checkEnv(variable: EnvVar, at: FieldPath): FieldError[] {
  const errors = variable.name ? say(at.child('name'), variable.name, isEnvVarName(variable.name)) : [at.child('name').required()]
  return variable.valueFrom ? [...errors, ...checkSource(variable.valueFrom, variable.value, at.child('valueFrom'))] : errors
}

function checkSource(source: EnvVarSource, value: string | undefined, at: FieldPath): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const errors: FieldError[] = []
  if (fieldRef) errors.push(...checkFieldRef(fieldRef, at.child('fieldRef'), envFieldPaths))
  if (resourceFieldRef) errors.push(...checkResourceRef(resourceFieldRef, at.child('resourceFieldRef')))
  if (configMapKeyRef) errors.push(...checkKey(configMapKeyRef, at.child('configMapKeyRef')))
  if (secretKeyRef) errors.push(...checkKey(secretKeyRef, at.child('secretKeyRef')))
  if (fileKeyRef) errors.push(...checkFileKey(fileKeyRef, at.child('fileKeyRef')))
  const given = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((part) => part !== undefined).length
  if (given === 0) errors.push(at.invalid('', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  else if (value) errors.push(at.invalid('', 'may not be specified when `value` is not empty'))
  else if (given > 1) errors.push(at.invalid('', 'may not have more than one field specified at a time'))
  return errors
}

function checkKey({ name = '', key }: { name?: string; key?: string }, at: FieldPath): FieldError[] {
  const errors = say(at.child('name'), name, isDNS1123Subdomain(name))
  return key ? [...errors, ...say(at.child('key'), key, isConfigMapKey(key))] : [...errors, at.child('key').required()]
}

function checkFileKey({ key, volumeName, path }: FileKeySelector, at: FieldPath): FieldError[] {
  return [
    ...(key ? say(at.child('key'), key, isEnvVarName(key)) : [at.child('key').required()]),
    ...(volumeName ? say(at.child('volumeName'), volumeName, isDNS1123Label(volumeName)) : [at.child('volumeName').required()]),
    ...(path ? withoutUpwards(path, at.child('path')) : [at.child('path').required()]),
  ]
}

/** A path into the pod: one of a list, or one label or annotation by its key. */
export function checkFieldRef({ apiVersion = 'v1', fieldPath: path }: ObjectFieldSelector, at: FieldPath, supported: readonly string[]): FieldError[] {
  if (!path) return [at.child('fieldPath').required()]
  const unknown = (cause: string): FieldError[] => [at.child('fieldPath').invalid(path, `error converting fieldPath: ${cause}`)]
  if (apiVersion !== 'v1') return unknown(`unsupported pod version: ${apiVersion}`)
  const [, field, key = ''] = /^(.+?)\['(.*)'\]$/s.exec(path) ?? []
  if (field === 'metadata.annotations') return say(at, key.toLowerCase(), isQualifiedName(key.toLowerCase()))
  if (field === 'metadata.labels') return say(at, key, isQualifiedName(key))
  if (field !== undefined) return unknown(`field label does not support subscript: ${path}`)
  const now = path === 'spec.host' ? 'spec.nodeName' : path
  if (supported.includes(now)) return []
  return podFieldLabels.has(now) ? [at.child('fieldPath').notSupported(now, supported)] : unknown(`field label not supported: ${path}`)
}

const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const divisors: ReadonlyArray<readonly [resource: RegExp, allowed: readonly string[], sentence: string]> = [
  [/\.cpu$/, ['1m', '1'], '1m and 1 are supported with the cpu resource'],
  [/\.memory$/, sizes, `${sizes.join(', ')} are supported with the memory resource`],
  [/\.ephemeral-storage$/, sizes, `${sizes.join(', ')} are supported with the local ephemeral storage resource`],
  [/\.hugepages-/, sizes, `${sizes.join(', ')} are supported with the hugepages resource`],
]

/** An amount of a container of the pod; in a volume it says of which. */
export function checkResourceRef({ containerName, resource, divisor }: ResourceFieldSelector, at: FieldPath, inVolume = false): FieldError[] {
  const errors: FieldError[] = []
  if (inVolume && !containerName) errors.push(at.child('containerName').required())
  else if (!resource) errors.push(at.child('resource').required())
  else if (!resourcePaths.includes(resource) && !/^(limits|requests)\.hugepages-/.test(resource)) errors.push(at.child('resource').notSupported(resource, resourcePaths))
  const rule = divisors.find(([pattern]) => pattern.test(resource ?? ''))
  if (!divisor || divisor === '0' || !rule) return errors
  const [, allowed, sentence] = rule
  return allowed.includes(divisor) ? errors : [...errors, at.child('divisor').invalid(resource, `only divisor's values ${sentence}`)]
}

/** All variables of a ConfigMap or Secret. `list` is where Kubernetes says how many there may be. */
export const checkEnvFrom = (sources: readonly EnvFromSource[] | undefined, list: FieldPath): FieldError[] =>
  each(sources, list, ({ prefix, configMapRef, secretRef }, at) => {
    const errors = prefix ? say(at.child('prefix'), prefix, isEnvVarName(prefix)) : []
    if (configMapRef) errors.push(...checkName(configMapRef.name, at.child('configMapRef', 'name')))
    if (secretRef) errors.push(...checkName(secretRef.name, at.child('secretRef', 'name')))
    if (!configMapRef && !secretRef) errors.push(list.invalid('', 'must specify one of: `configMapRef` or `secretRef`'))
    if (configMapRef && secretRef) errors.push(list.invalid('', 'may not have more than one field specified at a time'))
    return errors
  })

const checkName = (name: string | undefined, at: FieldPath): FieldError[] => (name ? say(at, name, isDNS1123Subdomain(name)) : [at.required()])
