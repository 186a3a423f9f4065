import { type Assertion, BadRegex, type CharSet, type Node, parseRegex } from './regex-parse.ts'

export { BadRegex }

type Instruction =
  | { readonly op: 'set'; readonly set: CharSet }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'split'; readonly to: number[] }
  | { readonly op: 'match' }

/** What stands before a place in the text, as far as assertions ask. */
type Before = 'start' | 'newline' | 'word' | 'other'

interface State {
  /** Instructions to go on with. */
  readonly at: readonly number[]
  readonly before: Before
  readonly next: Map<number, State | true>
}

/** A way through the program, and where in the text it began. */
interface Thread {
  readonly pc: number
  readonly start: number
}

/** Counted repetitions are written out; RE2 refuses about as much. */
const maxInstructions = 10_000
const maxStates = 2000
/** Instructions looked at for one text; more than any sensible pattern needs, and about 50 ms. */
const maxWork = 5_000_000
const end = -1

/**
 * A pattern in RE2's syntax, which is what Kubernetes accepts. Whether it matches is found in time proportional to the text,
 * whatever the pattern: JavaScript's own RegExp backtracks, and a pattern of a user could then block the server for years.
 */
export class Regex {
  readonly #program: Instruction[] = []
  #states = new Map<string, State>()

  /** @throws BadRegex with Go's sentence */
  constructor(pattern: string) {
    this.#emit(parseRegex(pattern))
    this.#program.push({ op: 'match' })
  }

  /** Whether it matches anywhere in the text. False also when finding out would take too long. */
  test(text: string): boolean {
    let work = 0
    let state = this.#state([], 'start')
    for (let i = 0; i <= text.length; ) {
      const code = i < text.length ? text.codePointAt(i)! : end
      let next = state.next.get(code)
      if (next === undefined) {
        const step = this.#step(state, code)
        work += step.work
        if (work > maxWork) return false
        state.next.set(code, (next = step.next))
      }
      if (next === true) return true
      state = next
      i += code > 0xffff ? 2 : 1
    }
    return false
  }

  /**
   * The first match at or after a place, as Go chooses it among those that begin there; none also when finding it takes too long:
   * then less than nothing is left of the work, which several searches may share.
   */
  find(text: string, from = 0, work = { left: maxWork }): { readonly start: number; readonly end: number } | undefined {
    let threads: Thread[] = []
    let found: { start: number; end: number } | undefined
    let before: Before = from === 0 ? 'start' : kindOf(text.charCodeAt(from - 1))
    for (let i = from; i <= text.length; ) {
      const code = i < text.length ? text.codePointAt(i)! : end
      if (!found) threads.push({ pc: 0, start: i })
      const alive = this.#follow(threads, before, code)
      work.left -= alive.work + 1
      if (work.left < 0) return undefined
      threads = []
      for (const { pc, start } of alive.threads) {
        const instruction = this.#program[pc]!
        if (instruction.op === 'match') {
          found = { start, end: i }
          // what comes later in the order of preference is not asked
          break
        }
        if (instruction.op === 'set' && code !== end && contains(instruction.set, code)) threads.push({ pc: pc + 1, start })
      }
      if (found && threads.length === 0) return found
      before = kindOf(code)
      i += code > 0xffff ? 2 : 1
    }
    return found
  }

  /** Everything that costs no character, in the order of preference. */
  #follow(from: readonly Thread[], before: Before, code: number): { threads: Thread[]; work: number } {
    const seen = new Uint8Array(this.#program.length)
    const threads: Thread[] = []
    let work = 0
    for (const { pc: first, start } of from) {
      const waiting = [first]
      for (let pc = waiting.pop(); pc !== undefined; pc = waiting.pop()) {
        if (seen[pc]) continue
        seen[pc] = 1
        work++
        const instruction = this.#program[pc]!
        if (instruction.op === 'split') waiting.push(...instruction.to.toReversed())
        else if (instruction.op === 'assert') {
          if (holds(instruction.what, before, code)) waiting.push(pc + 1)
        } else threads.push({ pc, start })
      }
    }
    return { threads, work: work + (this.#program.length >> 6) }
  }

  #state(at: readonly number[], before: Before): State {
    const key = `${before} ${at.join(' ')}`
    const known = this.#states.get(key)
    if (known) return known
    if (this.#states.size >= maxStates) this.#states = new Map()
    const state = { at, before, next: new Map<number, State | true>() }
    this.#states.set(key, state)
    return state
  }

  /** Follows everything that costs no character, then takes one. A search may begin at every place. */
  #step({ at, before }: State, code: number): { next: State | true; work: number } {
    const seen = new Uint8Array(this.#program.length)
    const waiting = [0, ...at]
    const onwards = new Set<number>()
    let work = this.#program.length >> 6
    for (let pc = waiting.pop(); pc !== undefined; pc = waiting.pop()) {
      if (seen[pc]) continue
      seen[pc] = 1
      work++
      const instruction = this.#program[pc]!
      switch (instruction.op) {
        case 'match':
          return { next: true, work }
        case 'split':
          waiting.push(...instruction.to)
          break
        case 'assert':
          if (holds(instruction.what, before, code)) waiting.push(pc + 1)
          break
        case 'set':
          if (code !== end && contains(instruction.set, code)) onwards.add(pc + 1)
      }
    }
    return { next: this.#state([...onwards].sort((a, b) => a - b), kindOf(code)), work }
  }

  #emit(node: Node): void {
    if (this.#program.length > maxInstructions) throw new BadRegex('error parsing regexp: expression too large')
    switch (node.op) {
      case 'set':
        this.#program.push({ op: 'set', set: node.set })
        return
      case 'assert':
        this.#program.push({ op: 'assert', what: node.what })
        return
      case 'all':
        for (const each of node.nodes) this.#emit(each)
        return
      case 'any':
        return this.#emitChoices(node.nodes)
      case 'repeat':
        return this.#emitRepeat(node.node, node)
    }
  }

  #split(): number[] {
    const to: number[] = []
    this.#program.push({ op: 'split', to })
    return to
  }

  #emitChoices(nodes: readonly Node[]): void {
    const starts = this.#split()
    const ends: number[][] = []
    for (const node of nodes) {
      starts.push(this.#program.length)
      this.#emit(node)
      ends.push(this.#split())
    }
    for (const to of ends) to.push(this.#program.length)
  }

  #emitRepeat(node: Node, { min, max, lazy }: { min: number; max: number; lazy: boolean }): void {
    for (let i = 0; i < min; i++) this.#emit(node)
    if (max === Infinity) {
      const at = this.#program.length
      const loop = this.#split()
      loop.push(this.#program.length)
      this.#emit(node)
      this.#split().push(at)
      loop.push(this.#program.length)
      if (lazy) loop.reverse()
      return
    }
    const exits: number[][] = []
    for (let i = min; i < max; i++) {
      const maybe = this.#split()
      maybe.push(this.#program.length)
      exits.push(maybe)
      this.#emit(node)
    }
    for (const exit of exits) {
      exit.push(this.#program.length)
      if (lazy) exit.reverse()
    }
  }
}

const isWord = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)

const kindOf = (code: number): Before => (code === 10 ? 'newline' : isWord(code) ? 'word' : 'other')

function holds(what: Assertion, before: Before, code: number): boolean {
  switch (what) {
    case 'begin':
      return before === 'start'
    case 'lineBegin':
      return before === 'start' || before === 'newline'
    case 'end':
      return code === end
    case 'lineEnd':
      return code === end || code === 10
    case 'word':
      return (before === 'word') !== isWord(code)
    case 'notWord':
      return (before === 'word') === isWord(code)
  }
}

function contains(set: CharSet, code: number): boolean {
  if (!set.ignoreCase) return has(set, code) !== set.negated
  const text = String.fromCodePoint(code)
  const others = [code, text.toLowerCase().codePointAt(0)!, text.toUpperCase().codePointAt(0)!]
  return others.some((each) => has(set, each)) !== set.negated
}

function has({ ranges, properties }: CharSet, code: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (code >= ranges[i]! && code <= ranges[i + 1]!) return true
  return properties.some(({ test, negated }) => test.test(String.fromCodePoint(code)) !== negated)
}
