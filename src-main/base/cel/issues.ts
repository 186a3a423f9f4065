/** An expression that Kubernetes would not take; the message says why, whole. */
export class BadExpression extends Error {
  override readonly name = 'BadExpression'
  /** Whether it was understood, and only could not be made ready to run. */
  readonly stage: 'compilation' | 'instantiation'

  constructor(message: string, stage: BadExpression['stage'] = 'compilation') {
    super(message)
    this.stage = stage
  }
}

interface Issue {
  /** Undefined for what is wrong with all of it. */
  readonly at: number | undefined
  readonly sentence: string
}

/** What cel-go tells at most. */
export const mostErrors = 100
/** Longer lines are not shown. */
const longestLine = 16_384

/** What is wrong with an expression, place by place. */
export class Issues {
  readonly #source: string
  readonly #issues: Issue[] = []
  #lineStarts: number[] | undefined
  #columns: Uint32Array | undefined

  constructor(source: string) {
    this.#source = source
  }

  get any(): boolean {
    return this.#issues.length > 0
  }

  add(at: number | undefined, sentence: string): void {
    this.#issues.push({ at, sentence })
  }

  /** @throws BadExpression when anything is wrong */
  throwIfAny(): void {
    if (this.any) throw new BadExpression(this.toString())
  }

  /** As `common.Errors` of cel-go displays it. */
  toString(): string {
    const told = this.#issues.slice(0, mostErrors)
    told.sort((a, b) => (a.at ?? -1) - (b.at ?? -1))
    const more = this.#issues.length - told.length
    return [...told.map((each) => this.#display(each)), ...(more > 0 ? [`${more} more errors were truncated`] : [])].join('\n')
  }

  #display({ at, sentence }: Issue): string {
    if (at === undefined) return `ERROR: <input>:-1:0: ${sentence}`
    const starts = (this.#lineStarts ??= lineStartsOf(this.#source))
    const line = lineAt(starts, at)
    const text = this.#source.slice(starts[line], (starts[line + 1] ?? this.#source.length + 1) - 1)
    const head = `ERROR: <input>:${line + 1}:${(this.#columns ??= columnsOf(this.#source))[at]! + 1}: ${sentence}`
    if (Buffer.byteLength(text) > longestLine) return head
    const before = [...this.#source.slice(starts[line], at)]
    const here = String.fromCodePoint(this.#source.codePointAt(at) ?? 0)
    const mark = isWide(here) ? '\uff3e' : '^'
    return `${head}\n | ${text.replaceAll('\t', ' ')}\n | ${before.map((each) => (isWide(each) ? '\uff0e' : '.')).join('')}${mark}`
  }
}

const isWide = (character: string): boolean => (character.codePointAt(0) ?? 0) >= 0x80

function lineStartsOf(source: string): number[] {
  const starts = [0]
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** How many characters stand before each place in its line. */
function columnsOf(source: string): Uint32Array {
  const columns = new Uint32Array(source.length + 1)
  for (let at = 1; at <= source.length; at++) columns[at] = source[at - 1] === '\n' ? 0 : columns[at - 1]! + (/[\udc00-\udfff]/.test(source[at - 1]!) ? 0 : 1)
  return columns
}

/** The last line that begins at or before a place. */
function lineAt(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= at) low = middle
    else high = middle - 1
  }
  return low
}
