import { Budget } from '../../src-main/base/cel/budget.ts'
import { fromJson } from '../../src-main/base/cel/from-json.ts'
import { BadExpression, compile, EvaluationFailed } from '../../src-main/base/cel/program.ts'
import { timestamp, duration, bool, double, dyn, int, list, map, nullType, optional, string, struct, typeName, uint } from '../../src-main/base/cel/types.ts'
import { Duration, none, Optional, Timestamp, Uint } from '../../src-main/base/cel/values.ts'
import { atOnce } from '../../src-main/base/turns.ts'
import { baseEnvironment } from '../../src-main/kinds/cel/admission.ts'

const rooms = { beds: int }
const fields = { name: string, floors: int, guests: list(string), room: struct('House.room', (field) => Object.hasOwn(rooms, field) ? rooms[field as 'beds'] : undefined), years: map(string, int), empty: struct('House.empty') }

const env = baseEnvironment.with({
  i: int, u: uint, d: double, s: string, b: bool, at: timestamp, hour: duration, nothing: nullType,
  words: list(string), numbers: list(int), nested: list(list(int)), labels: map(string, string),
  any: dyn, anything: map(string, dyn), maybe: optional(string), maybeInt: optional(int),
  self: struct('House', (field) => Object.hasOwn(fields, field) ? fields[field as keyof typeof fields] : undefined),
})

const values = {
  i: 3n, u: new Uint(4n), d: 1.5, s: 'hello', b: true, at: new Timestamp(1_700_000_000_123_456_789n), hour: new Duration(3_600_000_000_000n), nothing: null,
  words: ['a', 'b', 'c'], numbers: [3n, 1n, 2n], nested: [[1n], [2n, 3n]], labels: new Map([['app', 'web']]),
  any: fromJson({ n: 1, text: 'text', list: [1, 'two'], nil: null }), anything: fromJson({ n: 1 }), maybe: new Optional('here'), maybeInt: none,
  self: fromJson({ name: 'Villa', floors: 2, guests: ['Ann', 'Bob'], room: { beds: 2 }, years: { built: 1900 }, empty: {} }),
}

/** The mistakes told of an expression, each as `line:column: sentence`; none of one that is right. */
export function mistakes(expression: string): string[] {
  try {
    atOnce(compile(env, expression))
    return []
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error
    return error.message.split(/^ERROR: <input>:/m).slice(1).map((part) => part.split('\n')[0]!)
  }
}

/** What an expression is when it runs, with `others` in place of what variables are: the name of its type, its value or why it has none, and what it cost. */
export function outcome(expression: string, others: Readonly<Record<string, unknown>> = {}): { type: string; value?: unknown; failed?: string; cost: number } {
  const program = atOnce(compile(env, expression))
  const budget = new Budget()
  const type = typeName(program.type)
  try {
    const value = program.run({ ...values, ...others }, budget)
    return { type, value, cost: budget.used }
  } catch (error) {
    if (!(error instanceof EvaluationFailed)) throw error
    return { type, failed: error.message, cost: budget.used }
  }
}
