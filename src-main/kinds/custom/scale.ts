import { isJsonObject, ownValue } from '../../base/json.ts'
import { field, type FieldError } from '../field-error.ts'
import type { CustomResourceSubresourceScale } from '../generated/types.ts'

const mostReplicas = 2 ** 31 - 1

/** Whether the fields that `/scale` shows can be shown. A field that is not there is 0, or empty. */
export function checkScale({ specReplicasPath, statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale, object: object): FieldError[] {
  const errors = [specReplicasPath, statusReplicasPath].flatMap((path) => checkCount(path, valueAt(object, path)))
  if (labelSelectorPath === undefined) return errors
  const selector = valueAt(object, labelSelectorPath)
  return selector === undefined || typeof selector === 'string' ? errors : [...errors, field(labelSelectorPath).invalid('', otherType(labelSelectorPath, selector, 'string'))]
}

function checkCount(path: string, value: unknown): FieldError[] {
  if (value === undefined) return []
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) return [field(path).invalid(0, otherType(path, value, 'int64'))]
  if (value < 0) return [field(path).invalid(value, 'should be a non-negative integer')]
  return value > mostReplicas ? [field(path).invalid(value, `should be less than or equal to ${mostReplicas}`)] : []
}

const valueAt = (object: object, path: string): unknown =>
  path.replace(/^\./, '').split('.').reduce<unknown>((at, step) => (isJsonObject(at) ? ownValue(at, step) : undefined), object)

const goTypes: Readonly<Record<string, string>> = { string: 'string', number: 'float64', boolean: 'bool', object: 'map[string]interface {}' }

function otherType(path: string, value: unknown, wanted: string): string {
  const type = value === null ? '<nil>' : Array.isArray(value) ? '[]interface {}' : typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)) ? 'int64' : (goTypes[typeof value] ?? '')
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : value === null ? '<nil>' : String(value)
  return `${path} accessor error: ${text} is of the type ${type}, expected ${wanted}`
}
