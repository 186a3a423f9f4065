import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isQualifiedName } from '../validation.ts'

export const checkProvisioner = (name: string | undefined, at: FieldPath): FieldError[] =>
  name ? say(at, name, isQualifiedName(name.toLowerCase())) : [at.required()]

/** maxProvisionerParameterLen and maxProvisionerParameterSize of storage validation. */
const limits = { count: 512, bytes: 256 * 1024 }

export function checkParameters(parameters: Readonly<Record<string, string>> | undefined, at: FieldPath): FieldError[] {
  const entries = Object.entries(parameters ?? {})
  // Kubernetes counts the keys, and says bytes
  if (entries.length > limits.count) return [at.tooLong(limits.count)]
  const errors = entries.filter(([key]) => key === '').map(() => at.invalid('', 'field can not be empty.'))
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return bytes > limits.bytes ? [...errors, at.tooLong(limits.bytes)] : errors
}
