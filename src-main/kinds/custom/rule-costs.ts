import type { FieldError, FieldPath } from '../field-error.ts'

/** StaticEstimatedCostLimit and StaticEstimatedCRDCostLimit of apiextensions' validation. */
const expressionLimit = 10_000_000
const totalLimit = 100_000_000
/** How many of the most expensive are named, of those that take at least a hundredth of what all may. */
const mostNamed = 4

/** How often what is estimated is over its limit, as Go writes it. */
function factorOf(cost: number, limit: number): string {
  const factor = cost / limit
  return factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
}

const tooMuch = (what: string, cost: number, limit: number): string =>
  `${what} exceeds budget by factor of ${factorOf(cost, limit)} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`

/** What the expressions of one schema are estimated to cost, each and together. */
export class RuleCosts {
  #total = 0
  #expensive: Array<{ readonly at: FieldPath; readonly cost: number }> = []

  /** Counts an expression; what is wrong with it alone. */
  count(at: FieldPath, what: 'rule' | 'messageExpression', cost: number): FieldError[] {
    this.#total += cost
    if (cost >= totalLimit / 100) this.#expensive = [...this.#expensive, { at, cost }].sort((a, b) => b.cost - a.cost).slice(0, mostNamed)
    return cost > expressionLimit ? [at.forbidden(tooMuch(`estimated ${what} cost`, cost, expressionLimit))] : []
  }

  /** What is wrong with all of them together; `at` is the schema. */
  total(at: FieldPath): FieldError[] {
    if (this.#total <= totalLimit) return []
    return [
      ...this.#expensive.map(({ at: place }) => place.forbidden('contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')),
      at.forbidden(tooMuch('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, totalLimit)),
    ]
  }
}
