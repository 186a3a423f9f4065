import { estimateCost } from '../../base/cel/cost.ts'
import { BadExpression } from '../../base/cel/program.ts'
import { Later, type Steps, tried, turns } from '../../base/turns.ts'
import type { ValidationRule } from '../generated/types.ts'
import type { JsonSchema } from './json-schema.ts'
import { RuleCompiler } from './rule-compiler.ts'
import type { RulePlace } from './rule-places.ts'
import { compiled, secondsSince } from './rule-times.ts'
import { type SizedSchema, sizedSchema } from './schema-sizes.ts'

/** What an expression came to: what it may cost once, or what is wrong with it. */
export type Reading =
  | { readonly cost: number; readonly usesOldSelf: boolean }
  | { readonly wrong: string }

/** A rule's expressions; the message's is read only when the rule is right. */
export interface RuleReading {
  readonly rule: Reading
  readonly messageExpression?: Reading
}

/** By schema: reading takes long, and is asked for again. */
const known = new WeakMap<JsonSchema, readonly RuleReading[]>()

/** Reads the rules of places before they are asked for. @throws Later */
export function readAhead(places: readonly RulePlace[]): void {
  if (!tried(readingAll(places))) throw new Later(() => turns.finish(readingAll(places)))
}

function* readingAll(places: readonly RulePlace[]): Steps<void> {
  for (const place of places) yield* reading(place)
}

/** The rules of a place, read; undefined where rules cannot look into values. */
export function readRules(place: RulePlace): readonly RuleReading[] | undefined {
  const steps = reading(place)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function* reading(place: RulePlace): Steps<readonly RuleReading[] | undefined> {
  const { schema, isRoot } = place
  const found = known.get(schema)
  if (found) return found
  const sized = sizedSchema(schema, isRoot)
  if (!sized) return undefined
  const began = performance.now()
  const compiler = new RuleCompiler(schema, isRoot)
  yield
  const made: RuleReading[] = []
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    made.push(yield* readRule(compiler, sized, rule))
    yield
  }
  compiled.publish(secondsSince(began))
  known.set(schema, made)
  return made
}

function* readRule(compiler: RuleCompiler, sized: SizedSchema, rule: ValidationRule): Steps<RuleReading> {
  const test = yield* read(compiler, sized, rule, 'rule')
  return 'wrong' in test || !rule.messageExpression ? { rule: test } : { rule: test, messageExpression: yield* read(compiler, sized, rule, 'messageExpression') }
}

/** What each expression of a rule must make, and what is said of one that does not. */
const wanted = {
  rule: { type: 'bool', compilation: 'compilation', instantiation: 'program instantiation', sentence: 'cel expression must evaluate to a bool' },
  messageExpression: { type: 'string', compilation: 'messageExpression compilation', instantiation: 'messageExpression instantiation', sentence: 'messageExpression must evaluate to a string' },
} as const

function* read(compiler: RuleCompiler, { type: declared }: SizedSchema, rule: ValidationRule, which: keyof typeof wanted): Steps<Reading> {
  const { type, compilation, instantiation, sentence } = wanted[which]
  try {
    const program = yield* compiler.compile(rule[which] ?? '', rule)
    if (program.type.kind !== type || program.type.nullable) return { wrong: sentence }
    return { cost: yield* estimateCost(program.tree, declared), usesOldSelf: program.uses('oldSelf') }
  } catch (error) {
    if (error instanceof BadExpression) return { wrong: `${error.stage === 'compilation' ? compilation : instantiation} failed: ${error.message}` }
    throw error
  }
}
