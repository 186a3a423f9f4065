import type { Steps } from '../turns.ts'
import type { Overload } from './declarations.ts'
import { Pace } from './pace.ts'
import type { Type } from './types.ts'

interface Base {
  /** Where it stands in the expression. */
  readonly at: number
  /** Once it is checked. */
  type?: Type
}

export interface Literal extends Base {
  readonly kind: 'literal'
  readonly value: unknown
}

export interface Ident extends Base {
  kind: 'ident'
  name: string
  /** What it always is: a name of a type, or of a number. */
  constant?: Type | bigint
}

export interface Select extends Base {
  kind: 'select'
  operand: Expr
  field: string
  /** Asks only whether it is there. */
  readonly presence: boolean
}

export interface Call extends Base {
  readonly kind: 'call'
  name: string
  target: Expr | undefined
  readonly args: readonly Expr[]
  /** Those that fit what it is given. */
  overloads?: readonly Overload[]
}

export interface ListExpr extends Base {
  readonly kind: 'list'
  readonly items: readonly Expr[]
  /** Which of them are there only if they have a value. */
  readonly optional: ReadonlySet<number>
}

export interface Entry {
  readonly at: number
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}

export interface MapExpr extends Base {
  readonly kind: 'map'
  readonly entries: readonly Entry[]
}

export interface Field {
  readonly at: number
  readonly name: string
  readonly value: Expr
  readonly optional: boolean
}

export interface StructExpr extends Base {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly Field[]
}

/** What macros become: goes through a range, and makes one value of it. */
export interface Comprehension extends Base {
  readonly kind: 'comprehension'
  readonly range: Expr
  readonly variable: string
  readonly second: string | undefined
  readonly accumulator: string
  readonly begin: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension

/** Shows what stands right below. */
export function eachPart(expr: Expr, see: (part: Expr) => void): void {
  switch (expr.kind) {
    case 'select':
      return see(expr.operand)
    case 'call':
      if (expr.target) see(expr.target)
      for (const arg of expr.args) see(arg)
      return
    case 'list':
      for (const item of expr.items) see(item)
      return
    case 'map':
      for (const { key, value } of expr.entries) {
        see(key)
        see(value)
      }
      return
    case 'struct':
      for (const { value } of expr.fields) see(value)
      return
    case 'comprehension':
      for (const part of [expr.range, expr.begin, expr.condition, expr.step, expr.result]) see(part)
  }
}

/** Shows every node, each before what is below it. A name that macros use again is shown again. */
export function* visit(root: Expr, see: (expr: Expr) => void): Steps<void> {
  const pace = new Pace()
  const open = [root]
  for (let expr = open.pop(); expr; expr = open.pop()) {
    if (pace.isTime) yield
    see(expr)
    eachPart(expr, (part) => open.push(part))
  }
}
