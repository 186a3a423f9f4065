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
/** CPU time that all expressions of a request may take together: nobody else is served meanwhile. */
const cpuMs = 80

/** The processor's time since the first expression began. */
export class Processor {
  #begin: number | undefined

  begin(): void {
    this.#begin ??= cpuNow()
  }

  get exhausted(): boolean {
    return this.#begin !== undefined && cpuNow() - this.#begin > cpuMs
  }
}

function cpuNow(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * What evaluations may use up together: CEL cannot loop for ever, but its loops nest and its texts grow. Counted in about the
 * units of Kubernetes, of which one is some 50 to 100 ns; the processor's time ends what they misjudge.
 */
export class Budget {
  #call = callLimit
  #total: number
  #charges = 0
  readonly #processor: Processor

  constructor(total = totalLimit, processor = new Processor()) {
    this.#total = total
    this.#processor = processor
  }

  /** The next expression begins. */
  begin(): void {
    this.#call = callLimit
    this.#processor.begin()
  }

  get spent(): boolean {
    return this.#call <= 0 || this.#total <= 0
  }

  /** Whether no further expression may run. */
  get exhausted(): boolean {
    return this.#total <= 0
  }

  /** @throws CostExceeded */
  charge(cost: number): void {
    this.#call -= cost
    this.#total -= cost
    if ((++this.#charges & 127) === 0 && this.#processor.exhausted) this.#total = this.#call = 0
    if (this.spent) throw this.error()
  }

  error(): CostExceeded {
    return new CostExceeded(this.exhausted ? 'total' : 'call')
  }
}

/** The name under which macros find the budget of the run they are in; nobody can write it. */
export const budgetName = '@budget'
