import { Budget, CostExceeded, Processor } from '../../base/cel/budget.ts'
import { EvaluationFailed, type Program } from '../../base/cel/program.ts'
import { optionalOf } from '../../base/cel/values.ts'
import type { Steps } from '../../base/turns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { type CompiledRule, rulesOf } from './compiled-rules.ts'
import { type Correlated, schemaUnder } from './correlated.ts'
import { hasRules, isEmbedded, itemsOf, type JsonSchema } from './json-schema.ts'
import { placeOf } from './rule-checks.ts'
import { evaluated, secondsSince } from './rule-times.ts'

/** What all rules of an object may cost together. */
export const rulesBudget = (): Budget => new Budget(undefined, new Processor({ inSlices: true }))

/** Nobody reads further, and a hostile object cannot make a giant answer. */
const mostMistakes = 1000

/** A value with the rules of its schema. */
export interface Ruled {
  readonly schema: JsonSchema
  readonly value: unknown
  /** Beside what it was before, which rules see as `oldSelf`. */
  readonly before?: Correlated | undefined
  readonly isRoot?: boolean
}

/** Looks at a value and all below; rests between the rules. What an update left as it was is only warned of, unless it is `strict`. */
export class RuleWalk {
  readonly errors: FieldError[] = []
  readonly #steps: Step[] = []
  readonly #budget: Budget
  readonly #strict: boolean

  constructor(budget: Budget, { strict = false }: { readonly strict?: boolean } = {}) {
    this.#budget = budget
    this.#strict = strict
  }

  /** The errors say where they are below the value. */
  *run(ruled: Ruled): Steps<readonly FieldError[]> {
    try {
      yield* this.#check(ruled)
    } catch (error) {
      // it has been told where it happened
      if (!(error instanceof CostExceeded)) throw error
    }
    return this.errors
  }

  *#check(ruled: Ruled): Steps<void> {
    const { schema, value, before, isRoot = isEmbedded(schema) } = ruled
    if (!hasRules(schema) || this.#steps.length > maxDepth || this.errors.length > mostMistakes || value === null || value === undefined) return
    const began = performance.now()
    try {
      if (schema['x-kubernetes-validations']?.length) yield* this.#place(ruled, isRoot)
      if (Array.isArray(value)) {
        const items = itemsOf(schema)
        if (!items || !hasRules(items)) return
        for (const [i, item] of value.entries()) yield* this.#below(i, { schema: items, value: item, before: before?.item(items, item) })
      } else if (isObject(value)) {
        for (const name of Object.keys(value)) {
          const { child, isProperty } = schemaUnder(schema, name) ?? {}
          if (!child || !hasRules(child)) continue
          yield* this.#below(isProperty ? name : { key: name }, { schema: child, value: value[name], before: before?.property(name, child, value[name]) })
        }
      }
    } finally {
      evaluated.publish(secondsSince(began))
    }
  }

  *#below(step: Step, ruled: Ruled): Steps<void> {
    this.#steps.push(step)
    yield* this.#check(ruled)
    this.#steps.pop()
  }

  *#place(ruled: Ruled, isRoot: boolean): Steps<void> {
    const { schema, value, before } = ruled
    const compiled = rulesOf(schema, isRoot)
    yield
    const { self: type } = compiled
    const self = type.value(value)
    const old = before?.old ?? undefined
    const oldSelf = old === undefined ? undefined : type.value(old)
    yield
    for (let i = 0; i < compiled.count; i++) {
      const rule = yield* compiled.get(i)
      if (typeof rule === 'string') this.errors.push(this.#at.invalid(schema.type ?? '', `rule compile error: ${rule}`))
      else {
        this.#apply(rule, ruled, self, oldSelf)
        yield
      }
    }
  }

  get #at(): FieldPath {
    return pathOf(this.#steps)
  }

  #apply({ rule, test, message }: CompiledRule, { schema, value, before }: Ruled, self: unknown, oldSelf: unknown): void {
    const isAboutChange = test.uses('oldSelf')
    if (isAboutChange && oldSelf === undefined && !rule.optionalOldSelf) return
    const run = (program: Program): unknown => program.run({ self, oldSelf: rule.optionalOldSelf ? optionalOf(oldSelf) : (oldSelf ?? null) }, this.#budget)
    const type = schema.type ?? ''
    const words = rule.message?.trim() || rule.rule.trim()
    try {
      if (run(test) === true) return
    } catch (error) {
      if (error instanceof CostExceeded) {
        this.errors.push(this.#at.invalid(type, error.scope === 'total' ? error.message : `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${words}`))
        throw error
      }
      if (!(error instanceof EvaluationFailed)) throw error
      this.errors.push(this.#at.invalid(type, error.message.startsWith('no such overload')
        ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${words}`
        : `${error.message} evaluating rule: ${words}`))
      return
    }
    const add = (error: FieldError): void => void this.errors.push(!isAboutChange && !this.#strict && before?.isUnchanged ? { ...error, isWarning: true } : error)
    const at = placeOf(rule.fieldPath, schema, this.#at)
    try {
      add(broken(rule, at, type === 'object' || type === 'array' ? undefined : value, said(message, run)))
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error
      add(at.invalid(type, error.scope === 'total' ? 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run'
        : `no further validation rules will be run due to call cost exceeds limit for messageExpression: ${JSON.stringify(rule.messageExpression)}`))
      throw error
    }
  }
}

/** MaxEvaluatedMessageExpressionSizeBytes of k8s.io/apiserver/pkg/apis/cel. */
const longestMessage = 5 * 1024

function said(message: Program | undefined, run: (program: Program) => unknown): string | undefined {
  if (!message) return undefined
  try {
    const made = run(message)
    const text = typeof made === 'string' ? made.trim() : ''
    return text !== '' && Buffer.byteLength(text) <= longestMessage && !text.includes('\n') ? text : undefined
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
      return value === undefined ? { ...at.duplicate(value), message: 'Duplicate value' } : at.duplicate(value)
    default:
      return value === undefined ? at.wrong(sentence) : at.invalid(value, sentence)
  }
}
