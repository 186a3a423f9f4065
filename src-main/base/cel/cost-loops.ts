import { costs } from './cost-table.ts'

/** What cel-go makes of a macro: a loop that begins with something, does a step with each item, and ends. */
export interface LoopCost {
  readonly begin: number
  readonly step: number
  readonly end: number
}

/** To look whether the result so far ends the loop: the variable and a call; where it must be false to go on, another call. */
const goesOn = { all: costs.access + 1, exists: costs.access + 2 }
/** `result + [body]` without the body, `result + 1`, `result` */
const [push, increment, same] = [costs.list + costs.access + 1, costs.access + 1, costs.access]

const quantified = (look: number) => ([body = 0]: readonly number[]): LoopCost => ({ begin: 0, step: look + same + body, end: same })
const counted = ([body = 0]: readonly number[]): LoopCost => ({ begin: 0, step: body + increment, end: same + 1 })
const collected = ([first = 0, second]: readonly number[]): LoopCost =>
  ({ begin: costs.list, step: second === undefined ? push + first : first + Math.max(push + second, same), end: same })
/** `names` are those that the call for an entry names besides its body. */
const mapped = (names: number) => ([first = 0, second = 0]: readonly number[]): LoopCost =>
  ({ begin: costs.map, step: first + second + names * costs.access + 1, end: same })

/** Each macro, by what its bodies cost. */
export const loopCosts: Readonly<Record<string, (bodies: readonly number[]) => LoopCost>> = {
  all: quantified(goesOn.all), exists: quantified(goesOn.exists),
  exists_one: counted, existsOne: counted,
  map: collected, transformList: collected,
  filter: ([body = 0]) => collected([body, costs.access]),
  transformMap: mapped(2), transformMapEntry: mapped(1),
}
