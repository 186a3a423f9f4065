import { BadRegex, Regex } from '../regex.ts'
import type { Steps } from '../turns.ts'
import { type Call, eachPart, type Expr, type ListExpr, type MapExpr } from './ast.ts'
import { checkFormat } from './format-check.ts'
import type { Issues } from './issues.ts'
import { Pace } from './pace.ts'
import { parseDuration, parseTimestamp, timestampOf } from './times.ts'
import { formatType, isSame, type Type, unwrapped } from './types.ts'
import { Timestamp } from './values.ts'

/** What Kubernetes refuses of a checked expression that would go wrong, or mix types, wherever it ran. */
export function* validate(root: Expr, issues: Issues): Steps<void> {
  const pace = new Pace()
  const open = [{ expr: root, isFormatted: false }]
  for (let next = open.pop(); next; next = open.pop()) {
    if (pace.isTime) yield
    const { expr, isFormatted } = next
    if (expr.kind === 'call') checkCall(expr, issues)
    else if (!isFormatted && expr.kind === 'list') checkItems(expr, issues)
    else if (!isFormatted && expr.kind === 'map') checkEntries(expr, issues)
    const inside = isFormatted || (expr.kind === 'call' && expr.name === 'format')
    const parts: typeof open = []
    eachPart(expr, (part) => parts.push({ expr: part, isFormatted: inside }))
    // from the first on: only so many mistakes are told
    for (let part = parts.pop(); part; part = parts.pop()) open.push(part)
  }
}

/** Functions that want a text of a certain form as their first argument. */
const readers: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['duration', (value) => typeof value !== 'string' || parseDuration(value) !== undefined],
  ['timestamp', (value) => (typeof value === 'string' ? parseTimestamp(value) : typeof value === 'bigint' ? timestampOf(value * 1_000_000_000n) : undefined) instanceof Timestamp],
  ['matches', (value) => typeof value !== 'string' || isRegex(value)],
])

function isRegex(text: string): boolean {
  try {
    return new Regex(text) instanceof Regex
  } catch (error) {
    if (error instanceof BadRegex) return false
    throw error
  }
}

function checkCall(expr: Call, issues: Issues): void {
  const reads = readers.get(expr.name)
  const [first] = expr.args
  if (reads && first?.kind === 'literal' && !reads(first.value)) issues.add(first.at, `invalid ${expr.name} argument`)
  if (expr.name === 'format') checkFormat(expr, issues)
}

const mismatch = (issues: Issues, at: number, expected: Type, found: Type): void => issues.add(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)

function checkItems({ items, optional }: ListExpr, issues: Issues): void {
  const types = items.map(({ type }, i) => (optional.has(i) ? unwrapped(type!) : type!))
  const wrong = types.findIndex((each) => !isSame(types[0]!, each, false))
  if (wrong > 0) mismatch(issues, items[wrong]!.at, types[0]!, types[wrong]!)
}

function checkEntries({ entries }: MapExpr, issues: Issues): void {
  const [first, ...rest] = entries.map(({ key, value, optional }) => ({ key, value, keyType: key.type!, valueType: optional ? unwrapped(value.type!) : value.type! }))
  for (const { key, value, keyType, valueType } of rest) {
    if (!isSame(first!.keyType, keyType, false)) mismatch(issues, key.at, first!.keyType, keyType)
    if (!isSame(first!.valueType, valueType, false)) mismatch(issues, value.at, first!.valueType, valueType)
  }
}
