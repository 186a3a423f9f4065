import type { Tree } from './program.ts'

/** Longer chains are read as a tree that is as deep on both sides, as cel-go reads all: who walks it must not run out of stack. */
const longChain = 64

/** Changes the tree below `root`, and says how deep it is. */
export function settleShape(root: Tree): number {
  let deepest = 0
  const waiting: Array<readonly [Tree, number]> = [[root, 1]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, depth] = next
    deepest = Math.max(deepest, depth)
    if (isLogical(node)) balance(node)
    for (const part of partsOf(node)) waiting.push([part, depth + 1])
  }
  return deepest
}

const isLogical = ({ op }: Tree): boolean => op === '&&' || op === '||'

function partsOf({ args }: Tree): Tree[] {
  const parts: unknown[] = Array.isArray(args) ? args.flat(2) : [args]
  return parts.filter((part): part is Tree => typeof part === 'object' && part !== null && typeof (part as Tree).op === 'string')
}

/** Operands and operators stay in their order. */
function balance(root: Tree): void {
  const operators: Tree[] = []
  const operands: Tree[] = []
  let left = root
  for (; left.op === root.op; left = (left.args as Tree[])[0]!) {
    operators.push(left)
    operands.push((left.args as Tree[])[1]!)
  }
  if (operators.length < longChain) return
  operands.push(left)
  operands.reverse()
  const free = operators.values()
  const join = (from: number, to: number): Tree => {
    if (to - from === 1) return operands[from]!
    const node = free.next().value!
    const middle = (from + to + 1) >> 1
    node.args = [join(from, middle), join(middle, to)]
    return node
  }
  // the first operator is the root itself
  join(0, operands.length)
}
