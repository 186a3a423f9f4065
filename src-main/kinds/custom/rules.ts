import type { Budget } from '../../base/cel/budget.ts'
import { Judgements, MadeOnce } from '../../base/long-work.ts'
import type { Steps } from '../../base/turns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isObject } from '../schema-values.ts'
import { Correlated } from './correlated.ts'
import { hasRules, isEmbedded, itemsOf, type JsonSchema } from './json-schema.ts'
import { RuleWalk, rulesBudget } from './rule-walk.ts'

const judgements = new WeakMap<JsonSchema, Judgements<readonly FieldError[]>>()

/**
 * Which rules of its CRD an object breaks. Rules about a change need `old`, and are left out where there was nothing before;
 * what else was broken before, in a part that did not change, is a warning.
 *
 * @throws Later
 */
export function checkAgainstRules(schema: JsonSchema, object: object, old?: object): readonly FieldError[] {
  let known = judgements.get(schema)
  if (!known) judgements.set(schema, (known = new Judgements()))
  const before = old && new Correlated(schema, object, old)
  return known.on(() => [seen(object), old], () => new RuleWalk(rulesBudget()).run({ schema, value: object, before, isRoot: true }))
}

/** Of its metadata rules see the names alone, and the rest is made anew whenever a write is tried again. */
function seen(object: object): object {
  const { metadata } = object as { metadata?: { name?: string; generateName?: string } }
  return { ...object, metadata: { name: metadata?.name, generateName: metadata?.generateName } }
}

/** Which defaults break rules of their own place, with where they stand below the schema. */
const brokenDefaults = new MadeOnce<JsonSchema, ReadonlyArray<{ readonly steps: readonly Step[]; readonly error: FieldError }>>(function* (schema) {
  const found: Array<{ steps: readonly Step[]; error: FieldError }> = []
  const budget = rulesBudget()
  for (const { steps, schema: place } of defaultPlaces(schema, [])) {
    for (const error of yield* checkDefault(place, budget)) found.push({ steps, error })
    if (budget.exhausted) break
  }
  return found
})

type Step = { readonly property: string } | 'items'

/** Which defaults of a schema break its rules; `at` is the schema. Rules are not asked about those that are wrong already. @throws Later */
export const checkDefaults = (schema: JsonSchema, at: FieldPath, wrong: readonly FieldError[]): FieldError[] =>
  brokenDefaults.get(schema).flatMap(({ steps, error }) => {
    const path = steps.reduce((above, step) => (step === 'items' ? above.child('items') : above.child('properties').key(step.property)), at).child('default').toString()
    if (wrong.some(({ field }) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`))) return []
    return [{ ...error, field: error.field === '<nil>' ? path : `${path}${error.field.startsWith('[') ? '' : '.'}${error.field}` }]
  })

/** There are none in the values of maps. */
function* defaultPlaces(schema: JsonSchema, steps: readonly Step[]): Generator<{ readonly steps: readonly Step[]; readonly schema: JsonSchema }> {
  if (!hasRules(schema)) return
  if (schema.default !== undefined) yield { steps, schema }
  const items = itemsOf(schema)
  if (items) yield* defaultPlaces(items, [...steps, 'items'])
  for (const [property, child] of Object.entries(schema.properties ?? {})) yield* defaultPlaces(child, [...steps, { property }])
}

/** As if it had always been there, and as if it came new. */
function* checkDefault(schema: JsonSchema, budget: Budget): Steps<readonly FieldError[]> {
  const value: unknown = schema.default
  const isRoot = isEmbedded(schema) && isObject(value)
  const kept = yield* new RuleWalk(budget, { strict: true }).run({ schema, value, before: new Correlated(schema, value, value), isRoot })
  return kept.length > 0 || budget.exhausted ? kept : yield* new RuleWalk(budget).run({ schema, value, isRoot })
}
