import { optionalValue } from '../../base/cel/library.ts'
import { BadExpression, Budget, CostExceeded, EvaluationFailed } from '../../base/cel/program.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { type CelType, withoutTypes } from './cel-values.ts'
import { additionalOf, hasRules, isEmbedded, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { placeOf } from './rule-checks.ts'
import { RuleCompiler, type RuleProgram } from './rule-compiler.ts'
import { isUnchanged } from './unchanged.ts'

interface CompiledRule {
  readonly rule: ValidationRule
  readonly rulePrograms: RuleProgram
  readonly message?: RuleProgram
}

interface CompiledSchema {
  readonly type: CelType
  /** In their order; a sentence where one was stored that does not compile. */
  readonly rules: ReadonlyArray<CompiledRule | string>
}

const compiledSchemas = new WeakMap<JsonSchema, CompiledSchema>()

function rulesOf(schema: JsonSchema, isRoot: boolean): CompiledSchema {
  let known = compiledSchemas.get(schema)
  if (!known) {
    const compiler = new RuleCompiler(schema, isRoot)
    const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compiledRule(compiler, rule))
    compiledSchemas.set(schema, (known = { type: compiler.type, rules }))
  }
  return known
}

function compiledRule(compiler: RuleCompiler, rule: ValidationRule): CompiledRule | string {
  try {
    return {
      rule, rulePrograms: compiler.compile(rule.rule, rule),
      ...(rule.messageExpression ? { message: compiler.compile(rule.messageExpression, rule) } : {}),
    }
  } catch (error) {
    if (error instanceof BadExpression) return `compilation failed: ${error.message}`
    throw error
  }
}

interface Walk {
  readonly steps: Step[]
  readonly errors: FieldError[]
  readonly budget: Budget
}

/** Which rules of its CRD an object breaks. Rules about a change need `old`, and are left out where there was nothing before. */
export function checkAgainstRules(schema: JsonSchema, object: object, old?: object): FieldError[] {
  const walk: Walk = { steps: [], errors: [], budget: new Budget() }
  try {
    check(walk, schema, object, old, true)
  } catch (error) {
    // it has been told where it happened
    if (!(error instanceof CostExceeded)) throw error
  }
  return walk.errors
}

function check(walk: Walk, schema: JsonSchema, value: unknown, old: unknown, isRoot = isEmbedded(schema)): void {
  if (!hasRules(schema) || walk.steps.length > maxDepth || value === null || value === undefined) return
  const same = old !== undefined && isUnchanged(schema, value, old)
  if (schema['x-kubernetes-validations']?.length) {
    const { type, rules } = rulesOf(schema, isRoot)
    const self = type.value(value)
    const oldSelf = old === undefined || old === null ? undefined : type.value(old)
    for (const rule of rules) {
      if (typeof rule === 'string') walk.errors.push(pathOf(walk.steps).internal(`rule compile error: ${rule}`))
      else apply(walk, rule, schema, { value, self, oldSelf, same })
    }
  }
  if (Array.isArray(value)) checkItems(walk, schema, value, old)
  else if (isObject(value)) {
    const more = additionalOf(schema)
    for (const name of Object.keys(value)) {
      const property = propertyOf(schema, name)
      const child = property ?? (typeof more === 'object' ? more : undefined)
      const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined
      if (child) below(walk, property ? name : { key: name }, child, value[name], before)
    }
  }
}

function checkItems(walk: Walk, schema: JsonSchema, value: readonly unknown[], old: unknown): void {
  const items = itemsOf(schema)
  if (!items || !hasRules(items)) return
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const name = (item: unknown): string => JSON.stringify(keys.map((key) => (isObject(item) ? item[key] : undefined)))
  const known = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old) ? new Map(old.map((item: unknown) => [name(item), item])) : undefined
  value.forEach((item, i) => below(walk, i, items, item, known?.get(name(item))))
}

function below(walk: Walk, step: Step, schema: JsonSchema, value: unknown, old: unknown): void {
  walk.steps.push(step)
  check(walk, schema, value, old)
  walk.steps.pop()
}

/** A value and what it was before, as JSON and as CEL sees them. */
interface Judged {
  readonly value: unknown
  readonly self: unknown
  readonly oldSelf: unknown
  readonly same: boolean
}

function apply(walk: Walk, compiled: CompiledRule, schema: JsonSchema, { value, self, oldSelf, same }: Judged): void {
  const { rule, rulePrograms, message } = compiled
  const aboutChange = rulePrograms.program.uses('oldSelf')
  if (aboutChange ? oldSelf === undefined && !rule.optionalOldSelf : same) return
  const before = rule.optionalOldSelf ? (shown: (value: unknown) => unknown) => optionalValue(oldSelf === undefined ? undefined : shown(oldSelf)) : (shown: (value: unknown) => unknown) => shown(oldSelf ?? null)
  const run = ({ program, typed }: RuleProgram): unknown => {
    const shown = typed ? (value: unknown) => value : withoutTypes
    return program.run({ self: shown(self), oldSelf: before(shown) }, walk.budget)
  }
  const at = pathOf(walk.steps)
  const type = schema.type ?? ''
  const words = rule.message?.trim() || rule.rule.trim()
  try {
    if (run(rulePrograms) === true) return
    walk.errors.push(broken(rule, placeOf(rule.fieldPath, schema, at), type === 'object' || type === 'array' ? undefined : value, said(message, run)))
  } catch (error) {
    if (error instanceof CostExceeded) {
      walk.errors.push(at.invalid(type, error.scope === 'total' ? error.message : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${words}`))
      throw error
    }
    if (!(error instanceof EvaluationFailed)) throw error
    walk.errors.push(at.invalid(type, error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${words}`
      : `${error.message} evaluating rule: ${words}`))
  }
}

/** MaxEvaluatedMessageExpressionSizeBytes of k8s.io/apiserver/pkg/apis/cel. */
const longestMessage = 5 * 1024

function said(message: RuleProgram | undefined, run: (program: RuleProgram) => unknown): string | undefined {
  if (!message) return undefined
  try {
    const made = run(message)
    const text = typeof made === 'string' ? made.trim() : ''
    return text !== '' && text.length <= longestMessage && !text.includes('\n') ? text : undefined
  } catch (error) {
    if (error instanceof EvaluationFailed) return undefined
    throw error
  }
}

/** Without `value` when that is more than one. */
function broken({ rule, message, reason }: ValidationRule, at: FieldPath, value: unknown, text: string | undefined): FieldError {
  const sentence = text ?? (message?.trim() || `failed rule: ${rule.trim()}`)
  switch (reason) {
    case 'FieldValueForbidden':
      return at.forbidden(sentence)
    case 'FieldValueRequired':
      return at.required(sentence)
    case 'FieldValueDuplicate':
      return at.duplicate(value)
    default:
      return value === undefined ? at.wrong(sentence) : at.invalid(value, sentence)
  }
}
