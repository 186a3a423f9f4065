import type { Tree } from './program.ts'
import type { Mistake } from './literals.ts'

/** What a clause takes, and what is said of the rest. */
interface Clause {
  readonly takes: ReadonlySet<string>
  readonly sentence: string
}

const clause = (sentence: string, ...takes: string[]): Clause => ({ sentence, takes: new Set(takes) })

const octal = clause('octal clause can only be used on integers', 'int', 'uint')
const hex = clause('only integers, byte buffers, and strings can be formatted as hex', 'int', 'uint', 'string', 'bytes')

/** By letter; `s` takes nearly everything. */
const clauses: Readonly<Record<string, Clause | undefined>> = {
  d: clause('decimal clause can only be used on integers', 'int', 'uint'),
  f: clause('fixed-point clause can only be used on doubles', 'double', 'string'),
  e: clause('scientific clause can only be used on doubles', 'double', 'string'),
  b: clause('only integers and bools can be formatted as binary', 'int', 'uint', 'bool'),
  x: hex, X: hex, o: octal,
}

const simple = new Set(['int', 'uint', 'double', 'bool', 'string', 'bytes', 'null', 'google.protobuf.Timestamp', 'google.protobuf.Duration'])

/** What cel-go says of `"...".format([...])` when both are literals. `node` is the call, and is checked. */
export function badFormat(node: Tree): Mistake | undefined {
  const [, receiver, [list]] = node.args as readonly [string, Tree, readonly Tree[]]
  if (receiver.op !== 'value' || typeof receiver.args !== 'string' || list?.op !== 'list') return undefined
  const values = list.args as readonly Tree[]
  let used = 0
  for (const [text, , letter] of receiver.args.matchAll(/%%|%(\.\d+)?([^]?)/g)) {
    if (text === '%%') continue
    if (!letter) return { node, sentence: 'unexpected end of string' }
    const value = values[used]
    if (!value) return { node, sentence: `index ${used} out of range` }
    if (letter !== 's' && !Object.hasOwn(clauses, letter)) return { node, sentence: `could not parse formatting clause: unrecognized formatting clause "${letter}"` }
    const { takes, sentence } = clauses[letter] ?? { takes: undefined, sentence: '' }
    const type = value.checkedType?.name ?? 'dyn'
    if (takes && simple.has(type) && !takes.has(type)) return { node: value, sentence: `error during formatting: ${sentence}, was given ${type}` }
    used++
  }
  return used < values.length ? { node, sentence: `too many arguments supplied to string.format (expected ${used}, got ${values.length})` } : undefined
}
