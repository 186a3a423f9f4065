/** An expression (`call`), or several together (`total`), used up what they may. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded'
  readonly scope: 'call' | 'total'

  constructor(scope: CostExceeded['scope']) {
    super(scope === 'call' ? 'operation cancelled: actual cost limit exceeded' : 'validation failed due to running out of cost budget, no further validation rules will be run')
    this.scope = scope
  }
}

/** PerCallLimit, RuntimeCELCostBudget and RuntimeCELCostBudgetMatchConditions of k8s.io/apiserver/pkg/apis/cel. */
const callLimit = 1_000_000
const totalLimit = 10_000_000
export const matchConditionsLimit = 2_500_000
/** CPU time that may pass before somebody else is served. */
const cpuMs = 80

/** The processor's time: that of all expressions of a request where they run at once, of each where others are served between them. */
export class Processor {
  readonly #inSlices: boolean
  #begin: number | undefined

  constructor({ inSlices = false }: { readonly inSlices?: boolean } = {}) {
    this.#inSlices = inSlices
  }

  begin(): void {
    if (this.#inSlices) this.#begin = undefined
    else this.#begin ??= cpuNow()
  }

  /** What has been used up by now; asked often enough for a short expression to end before the first time. */
  get exhausted(): 'call' | 'total' | undefined {
    const now = cpuNow()
    const used = now - (this.#begin ??= now)
    if (used <= cpuMs) return undefined
    return this.#inSlices ? 'call' : 'total'
  }
}

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Work between two looks at the clock; some tens of microseconds. */
const lookEvery = 256

/**
 * What evaluations may use up together: CEL cannot loop for ever, but its loops nest and its texts grow. Counted as cel-go and
 * Kubernetes count; the processor's time ends what they misjudge.
 */
export class Budget {
  #used = 0
  #total: number
  #work = 0
  #runs = 0
  readonly #processor: Processor

  constructor(total = totalLimit, processor = new Processor()) {
    this.#total = total
    this.#processor = processor
  }

  /** What the expression that runs, or ran last, has used. */
  get used(): number {
    return this.#used
  }

  /** Whether no further expression may run. */
  get exhausted(): boolean {
    return this.#total < 0
  }

  /** Runs an expression, perhaps in the middle of another. @throws CostExceeded */
  spend<T>(run: () => T): T {
    const outer = this.#used
    this.#used = 0
    // one that costs nothing takes time too
    if (++this.#runs > totalLimit) this.#take(Infinity)
    this.#processor.begin()
    try {
      return run()
    } finally {
      const own = this.#used
      if (outer > 0) this.#used = outer
      this.#take(own)
    }
  }

  #take(cost: number): void {
    this.#total -= cost
    if (this.exhausted) throw new CostExceeded('total')
  }

  /** `work` is what it really takes where the cost does not say. @throws CostExceeded */
  charge(cost: number, work = 1): void {
    this.#used += cost
    if (this.#used > callLimit) throw new CostExceeded('call')
    this.#work += Math.max(work, cost)
    if (this.#work >= lookEvery) this.#look()
  }

  #look(): void {
    this.#work = 0
    const scope = this.#processor.exhausted
    if (scope === 'total') this.#total = -1
    if (scope) throw new CostExceeded(scope)
  }
}
