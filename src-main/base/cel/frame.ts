import { type Budget } from './budget.ts'
import { Failure } from './values.ts'

/** One evaluation: its variables, those of its macros, and what it uses up. */
export class Frame {
  readonly #variables: Readonly<Record<string, unknown>>
  readonly #locals: unknown[]
  readonly #budget: Budget

  constructor(variables: Readonly<Record<string, unknown>>, slots: number, budget: Budget) {
    this.#variables = variables
    this.#locals = new Array<unknown>(slots)
    this.#budget = budget
  }

  variable(name: string): unknown {
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined
    return value === undefined ? new Failure(`no such attribute(s): ${name}`) : value
  }

  local(slot: number): unknown {
    const value = this.#locals[slot]
    if (!(value instanceof Later)) return value
    const made = value.make()
    this.#locals[slot] = made
    return made
  }

  set(slot: number, value: unknown): void {
    this.#locals[slot] = value
  }

  charge(cost: number, work?: number): void {
    this.#budget.charge(cost, work)
  }
}

/** A value that is made when it is first asked for. */
export class Later {
  readonly make: () => unknown

  constructor(make: () => unknown) {
    this.make = make
  }
}
