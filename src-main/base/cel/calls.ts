import { CostExceeded } from './budget.ts'
import type { Overload } from './declarations.ts'
import type { Type } from './types.ts'
import { Failure, find, isMap, TooMuch, typeOf } from './values.ts'

type Run = (values: readonly unknown[]) => unknown

/** Operators look at the types of what they are given themselves. */
const isOperator = (name: string): boolean => /^(_.+_|-_|!_|@in|size|contains|startsWith|endsWith|matches|sort|@sortByAssociatedKeys)$/.test(name)

/** Calls a function: the overload that the checker found, or the first whose types the values have. */
export function runCall(name: string, only: Overload | undefined, all: readonly Overload[]): Run {
  const [first] = all
  if (isOperator(name)) {
    // one work for all of them
    const run = caught(first!)
    return (values) => {
      const made = run(values)
      return made === undefined ? new Failure(`no such overload: ${name}`) : made
    }
  }
  const candidates = (only ? [only] : all).map((overload) => ({ overload, run: caught(overload) }))
  return (values) => {
    const found = candidates.find(({ overload }) => accepts(overload, values))
    return found ? found.run(values) : noMatch(name, values)
  }
}

const noMatch = (name: string, values: readonly unknown[]): Failure => new Failure(`no such overload: ${name}(${values.map((value) => typeOf(value).name).join(', ')})`)

/** What is thrown is what went wrong. */
function caught({ run }: Overload): Run {
  const work = run as (...values: unknown[]) => unknown
  return (values) => {
    try {
      return work(...values)
    } catch (error) {
      if (error instanceof TooMuch) throw new CostExceeded('call')
      if (!(error instanceof Error) || error instanceof CostExceeded) throw error
      return new Failure(error.message)
    }
  }
}

const accepts = ({ args, unguarded }: Overload, values: readonly unknown[]): boolean => args.length === values.length && (unguarded || args.every((type, i) => isOf(type, values[i])))

/** Whether a value is of a type; of lists and maps the first entry is looked at. */
function isOf(type: Type, value: unknown): boolean {
  if (type.kind === 'dyn' || type.kind === 'param') return true
  if (type.name !== typeOf(value).name) return false
  if (type.kind === 'list') return (value as unknown[]).length === 0 || isOf(type.params[0]!, (value as unknown[])[0])
  if (type.kind !== 'map' || !isMap(value)) return true
  for (const key of value.keys()) return isOf(type.params[0]!, key) && isOf(type.params[1]!, find(value, key))
  return true
}
