import { Optional } from '@marcbachmann/cel-js'
import { type CheckedType, type Checker, type EnvironmentPart, type Evaluator, type Macro, type MacroCall, type Scope, variableIn } from './part.ts'
import { rewritten } from './source.ts'

/** `?value` of a literal, until the literal is made of those that are there. */
class OptionalEntry {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

const isOptional = (value: unknown): value is { hasValue(): boolean; value(): unknown } => value instanceof Optional

/** `x.optMap(name, expression)`; a flat one's expression is optional itself. */
const optionalMap = (flat: boolean) => ({ receiver, args }: MacroCall): Macro => {
  const name = variableIn(args[0])
  const body = args[1]!
  let inner: Scope
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, scope: Scope) {
      const type = checker.check(receiver, scope)
      if (type.kind !== 'optional' && type.kind !== 'dyn') throw checker.createError('optional_expected', `optMap() receiver must be optional, got '${type.name}'`, receiver)
      inner = scope.forkWithVariable(name, type.valueType ?? checker.getType('dyn'))
      const made = checker.check(body, inner)
      return flat ? made : optionalOf(checker, made)
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope) {
      const value = evaluator.run(receiver, scope)
      if (!isOptional(value)) throw new Error('no such overload')
      if (!value.hasValue()) return value
      const made = evaluator.run(body, inner.reuse(scope).setIterValue(value.value(), evaluator))
      return flat ? made : Optional.of(made)
    },
  }
}

const optionalOf = (checker: Checker, type: CheckedType): CheckedType => checker.getType(type.kind === 'param' ? 'optional<dyn>' : `optional<${type.name}>`)

function isZero(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === 0n || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof Map) return value.size === 0
  return typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0
}

/** Undefined for an optional entry without a value. */
function entryValue(value: unknown): unknown {
  if (!(value instanceof OptionalEntry)) return value
  if (!isOptional(value.value)) throw new Error('no such overload')
  return value.value.hasValue() ? value.value.value() : undefined
}

const entriesOf = (map: unknown): Iterable<readonly [unknown, unknown]> => (map instanceof Map ? (map as Map<unknown, unknown>) : Object.entries(map as object))

/** What cel-go's optionals have and the library lacks. */
export const optionalPart: EnvironmentPart = {
  types: { OptionalEntry },
  functions: {
    'OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>': (_namespace: unknown, value: unknown) => (isZero(value) ? Optional.none() : Optional.of(value)),
    [`${rewritten.optional}(dyn): dyn`]: (value: unknown) => new OptionalEntry(value),
    [`${rewritten.present}(list): list`]: (list: unknown[]) => list.map(entryValue).filter((value) => value !== undefined),
    [`${rewritten.present}(map): map`]: (map: unknown) => new Map([...entriesOf(map)].map(([key, value]) => [key, entryValue(value)] as const).filter(([, value]) => value !== undefined)),
  },
  macros: {
    'optional.optMap(ast, ast): dyn': optionalMap(false),
    'optional.optFlatMap(ast, ast): dyn': optionalMap(true),
  },
}
