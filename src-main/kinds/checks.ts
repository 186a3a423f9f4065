import type { Labels, LabelSelector } from '../base/selector.ts'
import type { FieldError, FieldPath } from './field-error.ts'
import { isQualifiedName, isValidLabelValue, isValidPercent, type Sentences } from './validation.ts'

/** One error per sentence that a check said about a value. */
export const say = (at: FieldPath, value: unknown, sentences: Sentences): FieldError[] =>
  sentences.length === 0 ? [] : sentences.map((sentence) => at.invalid(value, sentence))

export const nonNegative = (value: number | undefined, at: FieldPath): FieldError[] =>
  value !== undefined && value < 0 ? [at.negative(value)] : []

export const positive = (value: number | undefined, at: FieldPath): FieldError[] =>
  value !== undefined && value <= 0 ? [at.invalid(value, 'must be greater than 0')] : []

/** A text that must be there and not be empty. */
export const present = (value: string | undefined, at: FieldPath): FieldError[] => (value ? [] : [at.required()])

/** A word that must be there and be one of a set, which Kubernetes lists in this order. */
export const oneOf = (word: string | undefined, supported: readonly string[], at: FieldPath): FieldError[] =>
  word ? oneOfIfAny(word, supported, at) : [at.required()]

export const oneOfIfAny = (word: string | undefined, supported: readonly string[], at: FieldPath): FieldError[] =>
  word === undefined || supported.includes(word) ? [] : [at.notSupported(word, supported)]

/** Items of which no two may agree in `key`; an item without it is not compared. */
export function unique<T>(items: readonly T[] | undefined, key: (item: T) => string | undefined, at: (index: number) => FieldPath): FieldError[] {
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [i, item] of (items ?? []).entries()) {
    const name = key(item)
    if (!name) continue
    if (seen.has(name)) errors.push(at(i).duplicate(name))
    seen.add(name)
  }
  return errors
}

/** Applies a check to every item, at its own path. A loop: most of what is checked is right, and flatMap costs more than the checks. */
export function each<T>(items: readonly T[] | null | undefined, at: FieldPath, check: (item: T, at: FieldPath) => FieldError[]): FieldError[] {
  const errors: FieldError[] = []
  for (let i = 0; i < (items?.length ?? 0); i++) {
    const found = check(items![i]!, at.child(i))
    if (found.length > 0) errors.push(...found)
  }
  return errors
}

/** A count, or a percentage of one: `maxSurge`, `minAvailable`. */
export function countOrPercent(value: number | string | undefined, at: FieldPath): FieldError[] {
  if (typeof value === 'number') return nonNegative(value, at)
  return value === undefined ? [] : say(at, value, isValidPercent(value))
}

/** The percentage that `25%` says; undefined for a count. */
export const percentOf = (value: number | string | undefined): number | undefined =>
  typeof value === 'string' && value.endsWith('%') ? Number(value.slice(0, -1)) : undefined

export function notOver100Percent(value: number | string | undefined, at: FieldPath): FieldError[] {
  return (percentOf(value) ?? 0) > 100 ? [at.invalid(value, 'must not be greater than 100%')] : []
}

/** Keys and values of labels or of a selector made of them. */
export function checkLabels(labels: Labels | undefined, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const key in labels) {
    if (!Object.hasOwn(labels, key)) continue
    const value = labels[key]!
    errors.push(...say(at, key, isQualifiedName(key)), ...say(at, value, isValidLabelValue(value)))
  }
  return errors
}

const withValues = ['In', 'NotIn']
const selectorOperators = ['DoesNotExist', 'Exists', 'In', 'NotIn']

/** metav1.LabelSelector. */
export function checkSelector(selector: LabelSelector | undefined, at: FieldPath): FieldError[] {
  if (!selector) return []
  const expressions = each(selector.matchExpressions, at.child('matchExpressions'), ({ key, operator = '', values = [] }, here) => {
    const errors: FieldError[] = []
    if (!selectorOperators.includes(operator)) errors.push(here.child('operator').invalid(operator, 'not a valid selector operator'))
    else if (withValues.includes(operator) && values.length === 0) {
      errors.push(here.child('values').required("must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (!withValues.includes(operator) && values.length > 0) {
      errors.push(here.child('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    }
    errors.push(...say(here.child('key'), key ?? '', isQualifiedName(key ?? '')))
    return [...errors, ...each(values, here.child('values'), (value, there) => say(there, value, isValidLabelValue(value)))]
  })
  return [...checkLabels(selector.matchLabels, at.child('matchLabels')), ...expressions]
}
