import { equalJson } from '../../base/json.ts'
import { kubernetesCel, optionalValue } from '../../base/cel/library.ts'
import { BadExpression, Budget, compile, CostExceeded, type Program } from '../../base/cel/program.ts'
import { errorMessage } from '../../base/log.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { celValue } from './cel-values.ts'
import { additionalOf, hasRules, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

const cel = kubernetesCel().registerVariable('self', 'dyn').registerVariable('oldSelf', 'dyn')

interface CompiledRule {
  readonly rule: ValidationRule
  readonly program: Program
  readonly message?: Program
}

const programs = new WeakMap<JsonSchema, readonly CompiledRule[]>()

function rulesOf(schema: JsonSchema): readonly CompiledRule[] {
  let known = programs.get(schema)
  if (!known) {
    known = (schema['x-kubernetes-validations'] ?? []).map((rule) => ({
      rule, program: compile(cel, rule.rule),
      ...(rule.messageExpression ? { message: compile(cel, rule.messageExpression) } : {}),
    }))
    programs.set(schema, known)
  }
  return known
}

/** What is wrong with the rules of one place in a schema. */
export function checkRules(schema: JsonSchema, at: FieldPath): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, i) => {
    const path = at.child('x-kubernetes-validations', i)
    if (!rule.rule?.trim()) return [path.child('rule').required('rule is not specified')]
    const errors = compilation(rule.rule, 'bool', path.child('rule'))
    if (rule.messageExpression !== undefined) errors.push(...compilation(rule.messageExpression, 'string', path.child('messageExpression')))
    if (rule.message !== undefined && rule.message.trim() === '') errors.push(path.child('message').invalid(rule.message, 'message must be non-empty if specified'))
    if (rule.message?.includes('\n')) errors.push(path.child('message').invalid(rule.message, 'message must not contain line breaks'))
    if (rule.reason !== undefined && !reasons.includes(rule.reason)) errors.push(path.child('reason').notSupported(rule.reason, reasons))
    return errors
  })
}

function compilation(expression: string, wanted: string, at: FieldPath): FieldError[] {
  try {
    const { type } = compile(cel, expression)
    return type === wanted || type === 'dyn' ? [] : [at.invalid(expression, `compilation failed: must evaluate to ${wanted === 'bool' ? 'a bool' : 'a string'}`)]
  } catch (error) {
    if (error instanceof BadExpression) return [at.invalid(expression, `compilation failed: ${error.message}`)]
    throw error
  }
}

const reasons = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate']

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
    if (!(error instanceof CostExceeded)) throw error
    walk.errors.push(pathOf([]).invalid('', 'validation failed due to running out of cost budget, no further validation rules will be run'))
  }
  return walk.errors
}

function check(walk: Walk, schema: JsonSchema, value: unknown, old: unknown, isRoot = false): void {
  if (!hasRules(schema) || walk.steps.length > maxDepth || value === null || value === undefined) return
  const same = old !== undefined && equalJson(value, old)
  const rules = rulesOf(schema)
  if (rules.length > 0) {
    const self = celValue(schema, value, isRoot)
    const oldSelf = old === undefined || old === null ? undefined : celValue(schema, old, isRoot)
    for (const rule of rules) apply(walk, rule, schema, self, oldSelf, same)
  }
  if (Array.isArray(value)) checkItems(walk, schema, value, old)
  else if (isObject(value)) {
    const more = additionalOf(schema)
    for (const name of Object.keys(value)) {
      const child = propertyOf(schema, name) ?? (typeof more === 'object' ? more : undefined)
      const before = isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined
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

function apply(walk: Walk, { rule, program, message }: CompiledRule, schema: JsonSchema, self: unknown, oldSelf: unknown, same: boolean): void {
  const aboutChange = program.uses('oldSelf')
  if (aboutChange ? oldSelf === undefined && !rule.optionalOldSelf : same) return
  const before = rule.optionalOldSelf ? optionalValue(oldSelf) : oldSelf
  const variables = { self, oldSelf: before ?? null }
  const path = pathOf(walk.steps)
  const at = rule.fieldPath ? path.child(rule.fieldPath.replace(/^\./, '')) : path
  try {
    if (program.run(variables, walk.budget) === true) return
    walk.errors.push(broken(rule, at, schema.type ?? '', said(message, variables, walk.budget)))
  } catch (error) {
    if (error instanceof CostExceeded) throw error
    walk.errors.push(at.invalid(schema.type ?? '', `rule compile or evaluation error: ${errorMessage(error).split('\n')[0]} evaluating rule: ${rule.message || rule.rule}`))
  }
}

function said(message: Program | undefined, variables: Readonly<Record<string, unknown>>, budget: Budget): string | undefined {
  if (!message) return undefined
  try {
    const text = message.run(variables, budget)
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text : undefined
  } catch (error) {
    if (error instanceof CostExceeded) throw error
    // as Kubernetes: what cannot be said is left to the rule's plain message
    return undefined
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
