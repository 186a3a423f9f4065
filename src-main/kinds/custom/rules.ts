import type { Environment } from '@marcbachmann/cel-js'
import { equalJson } from '../../base/json.ts'
import { optionalValue } from '../../base/cel/library.ts'
import { BadExpression, Budget, compile, CostExceeded, EvaluationFailed, type Program } from '../../base/cel/program.ts'
import { baseEnvironment } from '../cel/admission.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { type CelType, typedSelf, withoutTypes } from './cel-values.ts'
import { additionalOf, hasRules, isEmbedded, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { checkWords, placeOf } from './rule-checks.ts'

/** An expression of a rule; one that was not checked against the schema is run on values without types. */
interface RuleProgram {
  readonly program: Program
  readonly typed: boolean
}

interface CompiledRule {
  readonly rule: ValidationRule
  readonly rulePrograms: RuleProgram
  readonly message?: RuleProgram
}

interface CompiledSchema {
  readonly type: CelType
  readonly rules: readonly CompiledRule[]
}

/** Compiles what the rules of one place say. */
class RuleCompiler {
  readonly type: CelType
  readonly #typed: Environment
  readonly #untyped = baseEnvironment

  constructor(schema: JsonSchema, isRoot: boolean) {
    const { env, type } = typedSelf(schema, isRoot)
    this.#typed = env
    this.type = type
  }

  /** @throws BadExpression */
  compile(expression: string, { optionalOldSelf }: ValidationRule): RuleProgram {
    const environment = (env: Environment, name: string): Environment =>
      env.clone().registerVariable('self', name).registerVariable('oldSelf', optionalOldSelf ? `optional<${name}>` : name)
    try {
      return { program: compile(environment(this.#typed, this.type.name), expression), typed: true }
    } catch (error) {
      if (!(error instanceof BadExpression) || isDecisive(error)) throw error
      return { program: compile(environment(this.#untyped, 'dyn'), expression), typed: false }
    }
  }
}

/** Whether the schema's types surely do not allow it. The library knows less of composed types than cel-go, which would take more. */
const isDecisive = ({ message }: BadExpression): boolean =>
  /: undefined field '/.test(message) || /found no matching overload for '[^']+' applied to '(\w+\.)?\((int|uint|double|string|bool|bytes)(, (int|uint|double|string|bool|bytes))*\)'/.test(message)

const compiledSchemas = new WeakMap<JsonSchema, CompiledSchema>()

function rulesOf(schema: JsonSchema, isRoot: boolean): CompiledSchema {
  let known = compiledSchemas.get(schema)
  if (!known) {
    const compiler = new RuleCompiler(schema, isRoot)
    const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({
      rule, rulePrograms: compiler.compile(rule.rule, rule),
      ...(rule.messageExpression ? { message: compiler.compile(rule.messageExpression, rule) } : {}),
    }))
    compiledSchemas.set(schema, (known = { type: compiler.type, rules }))
  }
  return known
}

/** Where a schema stands. */
export interface Standing {
  readonly isRoot?: boolean
  /** The list or map around it whose parts are not the same from one version of an object to the next. */
  readonly uncorrelatable?: FieldPath | undefined
}

/** What is wrong with the rules of one place in a schema. */
export function checkRules(schema: JsonSchema, at: FieldPath, { isRoot = false, uncorrelatable }: Standing = {}): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  const compiler = new RuleCompiler(schema, isRoot || isEmbedded(schema))
  return rules.flatMap((rule, i) => {
    const path = at.child('x-kubernetes-validations', i)
    if (!rule.rule?.trim()) return [path.child('rule').required('rule is not specified')]
    const { program, errors } = compilation(compiler, rule.rule, rule, 'bool', path.child('rule'))
    if (program && rule.optionalOldSelf !== undefined && !program.uses('oldSelf')) {
      errors.push(path.child('optionalOldSelf').invalid(rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
    }
    if (program?.uses('oldSelf') && uncorrelatable) {
      errors.push(path.child('rule').invalid(rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable.toString()}`))
    }
    if (rule.messageExpression?.trim()) errors.push(...compilation(compiler, rule.messageExpression, rule, 'string', path.child('messageExpression')).errors)
    return [...errors, ...checkWords(rule, schema, path)]
  })
}

function compilation(compiler: RuleCompiler, expression: string, rule: ValidationRule, wanted: 'bool' | 'string', at: FieldPath): { program?: Program; errors: FieldError[] } {
  try {
    const { program } = compiler.compile(expression, rule)
    const fits = program.type === wanted || program.type === 'dyn'
    const sentence = wanted === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string'
    return { program, errors: fits ? [] : [at.invalid(expression, sentence)] }
  } catch (error) {
    if (error instanceof BadExpression) return { errors: [at.invalid(expression, `${wanted === 'string' ? 'messageExpression ' : ''}compilation failed: ${error.message}`)] }
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
  const same = old !== undefined && equalJson(value, old)
  if (schema['x-kubernetes-validations']?.length) {
    const { type, rules } = rulesOf(schema, isRoot)
    const self = type.value(value)
    const oldSelf = old === undefined || old === null ? undefined : type.value(old)
    for (const rule of rules) apply(walk, rule, schema, self, oldSelf, same)
  }
  if (Array.isArray(value)) checkItems(walk, schema, value, old)
  else if (isObject(value)) {
    const more = additionalOf(schema)
    for (const name of Object.keys(value)) {
      const child = propertyOf(schema, name) ?? (typeof more === 'object' ? more : undefined)
      const before = isObject(old) && Object.hasOwn(old, name) && schema['x-kubernetes-map-type'] !== 'atomic' ? old[name] : undefined
      if (child) below(walk, name, child, value[name], before)
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

function apply(walk: Walk, compiled: CompiledRule, schema: JsonSchema, self: unknown, oldSelf: unknown, same: boolean): void {
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
    walk.errors.push(broken(rule, placeOf(rule.fieldPath, schema, at), type, said(message, run)))
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

function broken({ rule, message, reason }: ValidationRule, at: FieldPath, type: string, text: string | undefined): FieldError {
  const sentence = text ?? (message?.trim() || `failed rule: ${rule.trim()}`)
  switch (reason) {
    case 'FieldValueForbidden':
      return at.forbidden(sentence)
    case 'FieldValueRequired':
      return at.required(sentence)
    case 'FieldValueDuplicate':
      return at.duplicate(type)
    default:
      return at.invalid(type, sentence)
  }
}
