import { loopCosts } from './cost-loops.ts'
import { CostScope, eitherEntries, type Local } from './cost-scope.ts'
import { callEstimate, comparison, costs, perCharacter, sorting } from './cost-table.ts'
import { eitherSize, exactly, plus, scaled, type Size, type SizedType, sizePlus, times } from './cost-sizes.ts'
import { replacements } from './replacements.ts'
import type { Tree } from './program.ts'
import { rewritten } from './source.ts'

/**
 * What an expression costs at most, as cel-go's checker and Kubernetes estimate it: by what its variables may hold, each
 * loop as often as there may be items. `declared` is the type of the variables, which all are of one.
 */
export const estimateCost = (tree: Tree, declared: SizedType): number => new Coster(declared).cost(tree)

const originals = new Map([...replacements].map(([name, own]) => [own, name]))
const comparing = new Set(['==', '!=', '<', '<=', '>', '>='])

class Coster {
  readonly #scope: CostScope

  constructor(declared: SizedType) {
    this.#scope = new CostScope(declared)
  }

  cost(node: Tree): number {
    const args = node.args as readonly Tree[]
    switch (node.op) {
      case 'value':
        return costs.literal
      case 'id':
        this.#scope.reach(node, this.#scope.local(node)?.path ?? [String(node.args)])
        return costs.access
      case '.':
        return this.#select(node, args[0]!, String(args[1]))
      case '.?':
        return plus(this.cost(args[0]!), 1)
      case 'list':
        return this.#list(node, args)
      case 'map':
        return this.#map(node, node.args as ReadonlyArray<readonly [Tree, Tree]>)
      case '?:':
        return this.#choice(node, args[0]!, args[1]!, args[2]!)
      case '||': case '&&':
        return plus(this.cost(args[0]!), this.cost(args[1]!))
      case '!_': case '-_':
        return this.#unary(node.op, node.args as Tree)
      case 'call':
        return this.#call(node, String(args[0]), undefined, args[1] as unknown as readonly Tree[])
      case 'rcall':
        return this.#member(node, String(args[0]), args[1]!, args[2] as unknown as readonly Tree[])
      default:
        return this.#binary(node, args[0]!, args[1]!)
    }
  }

  #all(nodes: readonly Tree[]): number {
    return plus(...nodes.map((node) => this.cost(node)))
  }

  #select(node: Tree, from: Tree, name: string): number {
    const cost = this.cost(from)
    this.#scope.reach(node, [...this.#scope.path(from), name])
    return plus(cost, ['map', 'message', 'param'].includes(from.checkedType?.kind ?? '') ? costs.access : 0)
  }

  #list(node: Tree, items: readonly Tree[]): number {
    const cost = plus(costs.list, this.#all(items))
    this.#scope.holdAll(node, true, [], items)
    return cost
  }

  #map(node: Tree, entries: ReadonlyArray<readonly [Tree, Tree]>): number {
    const cost = plus(costs.map, this.#all(entries.flat()))
    this.#scope.holdAll(node, false, entries.map(([key]) => key), entries.map(([, value]) => value))
    return cost
  }

  #choice(node: Tree, condition: Tree, yes: Tree, no: Tree): number {
    const cost = plus(this.cost(condition), Math.max(this.cost(yes), this.cost(no)))
    this.#scope.measure(node, eitherSize(this.#scope.size(yes), this.#scope.size(no)))
    this.#scope.hold(node, eitherEntries(this.#scope.entries(yes), this.#scope.entries(no)))
    return cost
  }

  #unary(op: string, operand: Tree): number {
    // cel-go reads a minus before a number as a part of it
    return op === '-_' && operand.op === 'value' ? costs.literal : plus(this.cost(operand), 1)
  }

  #binary(node: Tree, left: Tree, right: Tree): number {
    const cost = this.#all([left, right])
    const op = node.op ?? ''
    if (comparing.has(op)) return plus(cost, comparison(op, this.#scope.operand(left), this.#scope.operand(right)))
    if (op === '+') return plus(cost, this.#sum(node, left, right))
    if (op === 'in') return plus(cost, this.#contains(right))
    if (op === '[]') this.#index(node, left)
    return plus(cost, 1)
  }

  #contains(range: Tree): number {
    const kind = range.checkedType?.kind ?? 'dyn'
    const { max } = this.#scope.size(range)
    return kind === 'list' ? max : kind === 'dyn' ? Math.max(max, 1) : 1
  }

  #sum(node: Tree, left: Tree, right: Tree): number {
    const types = [left, right].map(({ checkedType }) => (checkedType?.kind === 'list' || checkedType?.kind === 'dyn' ? checkedType.kind : (checkedType?.name ?? 'dyn')))
    const all = (name: string): boolean => types.every((type) => type === name || type === 'dyn')
    const [isText, isList] = [all('string') || all('bytes'), all('list')]
    if (!isText && !isList) return 1
    const size = sizePlus(this.#scope.size(left), this.#scope.size(right))
    this.#scope.measure(node, size)
    this.#scope.hold(node, eitherEntries(this.#scope.entries(left), this.#scope.entries(right)))
    return isText ? Math.max(scaled(size.max, perCharacter), isList ? 1 : 0) : 1
  }

  #index(node: Tree, from: Tree): void {
    if (from.checkedType?.kind === 'optional') return
    this.#scope.reach(node, [...this.#scope.path(from), from.checkedType?.kind === 'list' ? '@items' : '@values'])
    this.#scope.measure(node, this.#scope.entries(from)?.values)
  }

  #member(node: Tree, name: string, target: Tree, args: readonly Tree[]): number {
    // what stands before the dot may be a part of the function's name
    if (target.op === 'id' && target.meta?.alternate && !this.#scope.local(target)) return this.#call(node, `${String(target.args)}.${name}`, undefined, args)
    if (node.meta?.alternate || node.meta?.macro) {
      if (Object.hasOwn(loopCosts, name)) return this.#loop(node, name, target, args)
      if (name === 'sortBy') return this.#sortBy(node, target, args)
      if (name === 'optMap' || name === 'optFlatMap') return this.#optionalMap(name, target, args)
    }
    return this.#call(node, originals.get(name) ?? name, target, args)
  }

  #call(node: Tree, name: string, target: Tree | undefined, args: readonly Tree[]): number {
    // that something is there costs nothing to see
    if (name === 'has') return this.cost((args[0]!.args as readonly Tree[])[0]!)
    const cost = this.#all(target ? [...args, target] : args)
    if (name === rewritten.optional) return cost
    if (name === rewritten.present || name === 'dyn') {
      this.#scope.copy(node, args[0]!)
      return plus(cost, name === 'dyn' ? 1 : 0)
    }
    const estimate = callEstimate(name, { target: target && this.#scope.operand(target), args: args.map((arg) => this.#scope.operand(arg)) })
    this.#scope.measure(node, estimate.size)
    return plus(cost, estimate.cost)
  }

  #optionalMap(name: string, target: Tree, [variable, body]: readonly Tree[]): number {
    const before = this.cost(target)
    const local: Local = { path: [], size: this.#scope.sizeOf({ path: [] }, target.checkedType?.valueType?.name) }
    const made = plus(costs.list, before, 1, this.#scope.with([[String(variable!.args), local]], () => this.cost(body!)))
    return plus(before, 1, name === 'optMap' ? plus(made, 1) : made)
  }

  #loop(node: Tree, name: string, range: Tree, args: readonly Tree[]): number {
    const hasTwo = args.length - (name === 'map' ? 1 : 0) > 2
    const bodies = args.slice(hasTwo ? 2 : 1)
    const before = this.cost(range)
    const variables = this.#variables(range, args, hasTwo)
    const bodyCosts = this.#scope.with(variables, () => bodies.map((body) => this.cost(body)))
    const made = name === 'filter' ? this.#scope.sizeOf(variables[0]![1], itemType(range)) : this.#scope.with(variables, () => this.#scope.size(bodies.at(-1)!))
    const size = this.#scope.size(range)
    this.#made(node, name, size, made)
    const { begin, step, end } = loopCosts[name]!(bodyCosts)
    return plus(before, begin, end, times(size.max, step))
  }

  #made(node: Tree, name: string, size: Size, item: Size): void {
    const isMap = name.startsWith('transformMap')
    const isList = name === 'map' || name === 'filter' || name === 'transformList'
    this.#scope.measure(node, isMap || isList ? size : exactly(1))
    // it begins empty
    if (isList) this.#scope.hold(node, { isList: true, keys: exactly(1), values: eitherSize(exactly(0), item) })
  }

  #variables(range: Tree, args: readonly Tree[], hasTwo: boolean): ReadonlyArray<readonly [string, Local]> {
    const entries = this.#scope.entries(range)
    const isList = entries?.isList ?? range.checkedType?.kind === 'list'
    const path = this.#scope.path(range)
    const keys: Local = { path: [...path, hasTwo && isList ? '@indices' : '@keys'], size: entries?.keys }
    const values: Local = { path: [...path, isList ? '@items' : '@values'], size: entries?.values }
    const [first = '', second = ''] = args.map((arg) => String(arg.args))
    return hasTwo ? [[first, keys], [second, values]] : [[first, isList ? values : keys]]
  }

  /** The list under a name, its keys mapped, and it sorted by them. */
  #sortBy(node: Tree, target: Tree, args: readonly Tree[]): number {
    const before = plus(costs.list, this.cost(target), 2 * costs.access)
    const key = this.#scope.with(this.#variables(target, args, false), () => this.cost(args[1]!))
    const { begin, step, end } = loopCosts['map']!([key])
    const size = this.#scope.size(target)
    const sorted = sorting(size, args[1]!.checkedType?.name)
    this.#scope.measure(node, sorted.size)
    return plus(before, begin, end, times(size.max, step), sorted.cost)
  }
}

const itemType = ({ checkedType }: Tree): string | undefined => (checkedType?.kind === 'map' ? checkedType.keyType : checkedType?.valueType)?.name
