import { estimateCost } from '../../base/cel/cost.ts'
import { BadExpression } from '../../base/cel/program.ts'
import type { ValidationRule } from '../generated/types.ts'
import type { JsonSchema } from './json-schema.ts'
import { RuleCompiler, type RuleProgram } from './rule-compiler.ts'
import type { RulePlace } from './rule-places.ts'
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

/** How long others wait at most while rules are read. */
const sliceMs = 10

/** Reads the rules of places before they are asked for, and lets others go on meanwhile. */
export async function readAhead(places: readonly RulePlace[]): Promise<void> {
  let began = performance.now()
  for (const place of places) {
    for (const steps = reading(place); !steps.next().done; ) {
      if (performance.now() - began < sliceMs) continue
      await new Promise(setImmediate)
      began = performance.now()
    }
  }
}

/** The rules of a place, read; undefined where rules cannot look into values. */
export function readRules(place: RulePlace): readonly RuleReading[] | undefined {
  const steps = reading(place)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

function* reading(place: RulePlace): Generator<undefined, readonly RuleReading[] | undefined> {
  const { schema, isRoot } = place
  const found = known.get(schema)
  if (found) return found
  const sized = sizedSchema(schema, isRoot)
  if (!sized) return undefined
  const compiler = new RuleCompiler(schema, isRoot)
  yield
  const made: RuleReading[] = []
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    made.push(readRule(compiler, sized, rule))
    yield
  }
  known.set(schema, made)
  return made
}

function readRule(compiler: RuleCompiler, sized: SizedSchema, rule: ValidationRule): RuleReading {
  const test = read(compiler, sized, rule, 'rule')
  return 'wrong' in test || !rule.messageExpression ? { rule: test } : { rule: test, messageExpression: read(compiler, sized, rule, 'messageExpression') }
}

/** What each expression of a rule must make, and what is said of one that does not. */
const wanted = {
  rule: { type: 'bool', prefix: '', sentence: 'cel expression must evaluate to a bool' },
  messageExpression: { type: 'string', prefix: 'messageExpression ', sentence: 'messageExpression must evaluate to a string' },
} as const

function read(compiler: RuleCompiler, { type: declared }: SizedSchema, rule: ValidationRule, which: keyof typeof wanted): Reading {
  const { type, prefix, sentence } = wanted[which]
  try {
    const compiled = compiler.compile(rule[which] ?? '', rule)
    const { program } = compiled
    if (program.type !== type && !mayBe(compiled)) return { wrong: sentence }
    return { cost: estimateCost(program.tree, declared), usesOldSelf: program.uses('oldSelf') }
  } catch (error) {
    if (error instanceof BadExpression) return { wrong: `${prefix}compilation failed: ${error.message}` }
    throw error
  }
}

/** The library does not always know what cel-go would of a type; of a variable's own it does. */
const mayBe = ({ program: { type, tree }, typed }: RuleProgram): boolean => type === 'dyn' && !(typed && ['id', '.', '[]'].includes(tree.op ?? ''))
