import { type FieldError, FieldPath } from '../field-error.ts'
import { sameValue } from '../same-value.ts'

/** Of one ConfigMap or Secret: MaxSecretSize of core/v1, in bytes of decoded data. */
const limit = 1024 * 1024

/** How Kubernetes writes the path of a whole ConfigMap. */
export const wholeObject = new FieldPath(['[]'])

export const checkTotal = (bytes: readonly number[], at: FieldPath): FieldError[] =>
  bytes.reduce((sum, n) => sum + n, 0) > limit ? [at.tooLong(limit)] : []

interface Sealable {
  immutable?: boolean
}

/** Once `immutable` is set, it stays, and so does the data. */
export function checkImmutable<T extends Sealable>(object: T, old: T, at: FieldPath, fields: ReadonlyArray<keyof T & string>): FieldError[] {
  if (!old.immutable) return []
  const errors = object.immutable ? [] : [at.child('immutable').forbidden('field is immutable when `immutable` is set')]
  const changed = fields.filter((name) => !sameValue(object[name], old[name]))
  return [...errors, ...changed.map((name) => at.child(name).forbidden('field is immutable when `immutable` is set'))]
}
