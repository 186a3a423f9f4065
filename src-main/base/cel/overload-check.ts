import { isWhole, noFunction, noOperator } from './errors.ts'
import type { Mistake } from './literals.ts'
import type { Tree } from './program.ts'

const numbers = new Set(['int', 'uint', 'double', 'google.protobuf.Duration'])
const ordered = new Set([...numbers, 'bool', 'string', 'bytes', 'google.protobuf.Timestamp'])

/** Functions of lists that the library has for every list, by what their items may be. */
const listFunctions: ReadonlyMap<string, (item: string) => boolean> = new Map([
  ['sum', (item) => numbers.has(item)],
  ...['min', 'max', 'isSorted', 'sort'].map((name) => [name, (item: string) => ordered.has(item)] as const),
  ['flatten', (item) => item.startsWith('list<')],
])

/** Types that do not fit where the library would only find out in the run. `node` is checked. */
export function badOverload(node: Tree): Mistake | undefined {
  const args = node.args as readonly unknown[]
  switch (node.op) {
    case '[]': case '[?]':
      return badIndex(node, args as readonly [Tree, Tree])
    case 'in':
      return badMember(node, args as readonly [Tree, Tree])
    case 'rcall': {
      const list = (args[1] as Tree).checkedType
      const takes = listFunctions.get(String(args[0]))
      const item = list?.kind === 'list' ? list.valueType?.name : undefined
      return takes && item && isWhole(item) && !takes(item) ? { node, sentence: noFunction(node, args) } : undefined
    }
    default:
      return undefined
  }
}

/** Fields of an object have no index; keys of a map are of its type. */
function badIndex(node: Tree, [container, index]: readonly [Tree, Tree]): Mistake | undefined {
  const type = container.checkedType
  const key = type?.kind === 'map' ? type.keyType?.name : undefined
  const wrong = type?.kind === 'message' || (key !== undefined && differ(key, index.checkedType?.name))
  return wrong ? { node, sentence: noOperator(node.op === '[?]' ? '_[?_]' : '_[_]', [container, index]) } : undefined
}

function badMember(node: Tree, [value, container]: readonly [Tree, Tree]): Mistake | undefined {
  const { kind, keyType, valueType } = container.checkedType ?? { kind: 'dyn' }
  const item = kind === 'map' ? keyType : kind === 'list' ? valueType : undefined
  return item && differ(item.name, value.checkedType?.name) ? { node, sentence: noOperator('@in', [value, container]) } : undefined
}

const differ = (a: string, b = 'dyn'): boolean => a !== b && isWhole(a) && isWhole(b) && b !== 'null'
