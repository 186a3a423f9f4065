import type { Call, Expr } from './ast.ts'
import { piecesOf, refusals, type Verb } from './format-clauses.ts'
import type { Issues } from './issues.ts'
import type { Kind } from './types.ts'

const shown: readonly Kind[] = ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null', 'dyn']
const takes: Readonly<Record<Verb, ReadonlySet<Kind>>> = {
  s: new Set(shown),
  d: new Set<Kind>(['int', 'uint', 'dyn']),
  f: new Set<Kind>(['double', 'string', 'dyn']),
  e: new Set<Kind>(['double', 'string', 'dyn']),
  b: new Set<Kind>(['int', 'uint', 'bool', 'dyn']),
  x: new Set<Kind>(['int', 'uint', 'string', 'bytes', 'dyn']),
  X: new Set<Kind>(['int', 'uint', 'string', 'bytes', 'dyn']),
  o: new Set<Kind>(['int', 'uint', 'dyn']),
}

/** What is wrong with `"...".format([...])` when both are literals. `call` is checked. */
export function checkFormat({ at, target, args }: Call, issues: Issues): void {
  const [list] = args
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return
  const values = list.items
  let used = 0
  try {
    for (const piece of piecesOf(target.value, values.length, { isRun: false })) {
      if (typeof piece === 'string') continue
      const wrong = refused(piece.verb, values[used++]!)
      if (wrong) return issues.add(wrong.at, `error during formatting: ${refusals[piece.verb]}, was given ${wrong.type!.name}`)
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return issues.add(at, error.message)
  }
  if (used < values.length) issues.add(at, `too many arguments supplied to string.format (expected ${used}, got ${values.length})`)
}

/** The value that a clause does not take; `%s` looks into lists and maps. */
function refused(verb: Verb, value: Expr): Expr | undefined {
  if (!takes[verb].has(value.type!.kind)) return value
  if (verb !== 's') return undefined
  const inside = value.kind === 'list' ? value.items : value.kind === 'map' ? value.entries.flatMap((entry) => [entry.key, entry.value]) : []
  for (const part of inside) {
    const found = refused(verb, part)
    if (found) return found
  }
  return undefined
}
