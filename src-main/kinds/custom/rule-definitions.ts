import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { internalRule } from './internal-form.ts'
import { checkWords } from './rule-checks.ts'
import { RuleCosts } from './rule-costs.ts'
import type { RulePlace } from './rule-places.ts'
import { readAhead, type Reading, readRules, type RuleReading } from './rule-reading.ts'
import { mostOften, sizedSchema } from './schema-sizes.ts'

/**
 * What is wrong with the rules of a schema; `at` is the schema. Expressions are read where everything else is right that
 * rules say there and below, and what they may cost is estimated. @throws Later
 */
export function checkRules(places: readonly RulePlace[], at: FieldPath, isStructural: boolean): FieldError[] {
  const words = places.map(({ schema, at: here }) =>
    (schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) => checkWords(rule, schema, here.child('x-kubernetes-validations', i))))
  if (!isStructural) return words.flat()
  const costs = new RuleCosts()
  const readable = places.filter((place, i) => words.slice(i - place.below, i + 1).every(({ length }) => length === 0))
  readAhead(readable)
  const expressions = readable.flatMap((place) => checkPlace(place, costs))
  return [...words.flat(), ...expressions, ...costs.total(at)]
}

function checkPlace(place: RulePlace, costs: RuleCosts): FieldError[] {
  const at = place.at.child('x-kubernetes-validations')
  const readings = readRules(place)
  if (!readings) return [at.internal('internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations')]
  const times = place.cardinality ?? mostOften(sizedSchema(place.schema, place.isRoot)!)
  return (place.schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) => checkRule({ place, costs, times, rule, at: at.child(i), reading: readings[i]! }))
}

interface Checked {
  readonly place: RulePlace
  readonly costs: RuleCosts
  /** How often the rule may be run for one object. */
  readonly times: number
  readonly rule: ValidationRule
  readonly at: FieldPath
  readonly reading: RuleReading
}

function checkRule({ place, costs, times, rule, at, reading }: Checked): FieldError[] {
  const check = (which: keyof RuleReading, often: number, found: Reading): FieldError[] =>
    'wrong' in found ? [at.child(which).invalid(internalRule(rule), found.wrong)] : costs.count(at.child(which), which, found.cost * often)
  const usesOldSelf = 'usesOldSelf' in reading.rule && reading.rule.usesOldSelf
  return [
    ...check('rule', times, reading.rule),
    // nobody counts how often there is something to say
    ...(reading.messageExpression ? check('messageExpression', 1, reading.messageExpression) : []),
    ...(usesOldSelf && place.uncorrelatable
      ? [at.child('rule').invalid(rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable.toString()}`)] : []),
    ...(!usesOldSelf && rule.optionalOldSelf !== undefined ? [at.child('optionalOldSelf').invalid(rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')] : []),
  ]
}
