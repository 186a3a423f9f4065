import { goText, goTypeOf } from '../../base/go-text.ts'
import { isJsonObject, ownValue } from '../../base/json.ts'
import { field, type FieldError } from '../field-error.ts'
import type { CustomResourceSubresourceScale } from '../generated/types.ts'

const mostReplicas = 2 ** 31 - 1

/** Whether the fields that `/scale` shows can be shown. A field that is not there is 0, or empty. */
export const checkScale = (scale: CustomResourceSubresourceScale, object: object): FieldError[] => [...checkCount(scale.specReplicasPath, object), ...checkScaleStatus(scale, object)]

/** The same of those that are in the status. */
export function checkScaleStatus({ statusReplicasPath, labelSelectorPath }: CustomResourceSubresourceScale, object: object): FieldError[] {
  const errors = checkCount(statusReplicasPath, object)
  if (labelSelectorPath === undefined) return errors
  const selector = valueAt(object, labelSelectorPath)
  return typeof selector === 'string' ? errors : [...errors, ...mistakeIn(selector, labelSelectorPath, 'string', '')]
}

function checkCount(path: string, object: object): FieldError[] {
  const count = valueAt(object, path)
  if (typeof count !== 'bigint' && !Number.isSafeInteger(count)) return mistakeIn(count, path, 'int64', 0)
  if (Number(count) < 0) return [field(path).invalid(count, 'should be a non-negative integer')]
  return Number(count) > mostReplicas ? [field(path).invalid(count, `should be less than or equal to ${mostReplicas}`)] : []
}

/** What stands in the way of a value, or instead of it. */
class NoObject {
  readonly sentence: string

  constructor(steps: readonly string[], value: unknown) {
    this.sentence = otherType(`.${steps.join('.')}`, value, 'map[string]interface{}')
  }
}

function valueAt(object: object, path: string): unknown {
  const steps = path.replace(/^\./, '').split('.')
  let at: unknown = object
  for (const [i, step] of steps.entries()) {
    if (at === null || at === undefined) return undefined
    if (!isJsonObject(at)) return new NoObject(steps.slice(0, i + 1), at)
    at = ownValue(at, step)
  }
  return at
}

function mistakeIn(value: unknown, path: string, wanted: string, shown: unknown): FieldError[] {
  if (value === undefined) return []
  const sentence = value instanceof NoObject ? value.sentence : otherType(`.${path.replace(/^\./, '')}`, value, wanted)
  return [field(path).invalid(shown, sentence)]
}

const otherType = (path: string, value: unknown, wanted: string): string => `${path} accessor error: ${goText(value)} is of the type ${goTypeOf(value)}, expected ${wanted}`
