import { isObject, jsonType } from '../schema-values.ts'

/** A path is not one that Kubernetes' JSONPath takes; the message says why. */
export class BadPath extends Error {
  override readonly name = 'BadPath'
}

type Step =
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'index'; readonly index: number }
  | { readonly op: 'slice'; readonly from?: number; readonly to?: number; readonly by: number }
  | { readonly op: 'every' | 'deep' }
  | { readonly op: 'filter'; readonly left: Operand; readonly operator?: string; readonly right?: Operand }

type Operand = { readonly path: readonly Step[] } | { readonly value: unknown }

/** What a path finds in a value, in order; nothing where it leads nowhere. */
export type Find = (value: unknown) => unknown[]

/** Reads a printer column's path: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`. @throws BadPath */
export function jsonPath(text: string): Find {
  const steps = parse(text)
  return (value) => walk(steps, [value])
}

/** Longer than any path anybody writes; what is read below takes time by the square of it. */
const maxPathLength = 1024

function parse(text: string): Step[] {
  if (text.length > maxPathLength) throw new BadPath(`a JSONPath must not be longer than ${maxPathLength} characters`)
  const steps: Step[] = []
  let rest = text.startsWith('$') || text.startsWith('@') ? text.slice(1) : text
  const take = (form: RegExp): RegExpExecArray | undefined => {
    const found = form.exec(rest) ?? undefined
    if (found) rest = rest.slice(found[0].length)
    return found
  }
  while (rest !== '') {
    if (take(/^\.\./)) {
      steps.push({ op: 'deep' })
      const name = take(/^[^.[\]]+/)
      if (name) steps.push(named(name[0]))
      continue
    }
    if (take(/^\.\*/) ?? take(/^\[\*\]/)) {
      steps.push({ op: 'every' })
      continue
    }
    const name = take(/^\.((?:\\.|[^.[\]\\])+)/)
    if (name) {
      steps.push(named(name[1]!))
      continue
    }
    if (take(/^\.(?=\[|$)/)) continue
    const quoted = take(/^\[\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*\]/)
    if (quoted) {
      steps.push(named(quoted[1] ?? quoted[2] ?? ''))
      continue
    }
    const index = take(/^\[\s*(-?\d+)\s*\]/)
    if (index) {
      steps.push({ op: 'index', index: Number(index[1]) })
      continue
    }
    const slice = take(/^\[(-?\d*):(-?\d*)(?::(\d*))?\]/)
    if (slice) {
      const number = (part: string | undefined) => (part ? Number(part) : undefined)
      steps.push({ op: 'slice', from: number(slice[1]), to: number(slice[2]), by: Math.max(number(slice[3]) ?? 1, 1) })
      continue
    }
    const filter = take(/^\[\?\(((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^()'"])*)\)\]/)
    if (!filter) throw new BadPath(`unrecognized or unsupported JSONPath at ${JSON.stringify(rest.slice(0, 40))}`)
    steps.push(filterOf(filter[1]!))
  }
  return steps
}

const named = (text: string): Step => ({ op: 'name', name: text.replaceAll(/\\(.)/g, '$1') })

function filterOf(text: string): Step {
  const [, left = '', operator, right = ''] = /^\s*(@(?:'[^']*'|"[^"]*"|[^=!<>'"])*?|'[^']*'|"[^"]*"|[^=!<>]+?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?$/.exec(text) ?? []
  if (left === '') throw new BadPath(`unrecognized filter ${JSON.stringify(text)}`)
  return { op: 'filter', left: operandOf(left), ...(operator ? { operator, right: operandOf(right) } : {}) }
}

function operandOf(text: string): Operand {
  if (text.startsWith('@')) return { path: parse(text.trim()) }
  const quoted = /^(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")$/.exec(text)
  if (quoted) return { value: (quoted[1] ?? quoted[2] ?? '').replaceAll(/\\(.)/g, '$1') }
  if (/^-?\d+(\.\d+)?$/.test(text)) return { value: Number(text) }
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  throw new BadPath(`unrecognized operand ${JSON.stringify(text)}`)
}

function walk(steps: readonly Step[], found: readonly unknown[]): unknown[] {
  return steps.reduce<unknown[]>((values, step) => values.flatMap((value) => take(step, value)), [...found])
}

function take(step: Step, value: unknown): unknown[] {
  switch (step.op) {
    case 'name':
      return isObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'index':
      return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : []
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from, step.to).filter((_, i) => i % step.by === 0) : []
    case 'every':
      return childrenOf(value)
    case 'deep':
      return everythingIn(value)
    case 'filter':
      return (Array.isArray(value) ? value : []).filter((item: unknown) => passes(step, item))
  }
}

const childrenOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [])
const everythingIn = (value: unknown): unknown[] => [value, ...childrenOf(value).flatMap(everythingIn)]

function passes({ left, operator, right }: Extract<Step, { op: 'filter' }>, item: unknown): boolean {
  const values = (operand: Operand): unknown[] => ('path' in operand ? walk(operand.path, [item]) : [operand.value])
  const [a] = values(left)
  if (operator === undefined || !right) return a !== undefined
  const [b] = values(right)
  if (a === undefined || b === undefined) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    default:
      return jsonType(a) === jsonType(b) && compare(operator, a as string | number, b as string | number)
  }
}

function compare(operator: string, a: string | number, b: string | number): boolean {
  if (operator === '<') return a < b
  if (operator === '<=') return a <= b
  return operator === '>' ? a > b : a >= b
}
