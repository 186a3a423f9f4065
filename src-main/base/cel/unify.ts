import { dyn, isDyn, isDynOrError, isSame, list, map, opaque, type Type, typeOfType } from './types.ts'

/** What type parameters stand for, as far as is known. What did not fit is forgotten again. */
export class Substitutions {
  readonly #known = new Map<string, Type>()
  #changes: Array<readonly [name: string, before: Type | undefined]> = []

  /** Whether a value of `from` may stand where `to` is wanted. */
  isAssignable(from: Type, to: Type): boolean {
    return this.#orForget(() => this.#fits(from, to))
  }

  areAssignable(from: readonly Type[], to: readonly Type[]): boolean {
    return this.#orForget(() => this.#allFit(from, to))
  }

  /** The type with what its parameters stand for; those of which nothing is known become `dyn` on wish. */
  resolve(of: Type, unknownAsDyn = false): Type {
    switch (of.kind) {
      case 'param': {
        const known = this.#known.get(of.name)
        return known ? this.resolve(known, unknownAsDyn) : unknownAsDyn ? dyn : of
      }
      case 'list': case 'map': case 'opaque': case 'type': {
        if (of.params.length === 0) return of
        const params = of.params.map((each) => this.resolve(each, unknownAsDyn))
        return params.every((each, i) => each === of.params[i]) ? of : rebuilt(of, params)
      }
      default:
        return of
    }
  }

  #orForget(fit: () => boolean): boolean {
    this.#changes = []
    if (fit()) return true
    for (const [name, before] of this.#changes.reverse()) {
      if (before) this.#known.set(name, before)
      else this.#known.delete(name)
    }
    return false
  }

  #set(name: string, to: Type): void {
    this.#changes.push([name, this.#known.get(name)])
    this.#known.set(name, to)
  }

  #allFit(from: readonly Type[], to: readonly Type[]): boolean {
    return from.length === to.length && from.every((each, i) => this.#fits(each, to[i]!))
  }

  #fits(from: Type, to: Type): boolean {
    if (to.kind === 'param') {
      const { valid, known } = this.#standsFor(from, to)
      if (valid || known) return valid
    }
    if (from.kind === 'param') return this.#standsFor(to, from).valid
    if (isDynOrError(from) || isDynOrError(to)) return true
    if (from.kind === 'null') return isNullable(to)
    if (to.kind === 'null') return isNullable(from)
    switch (from.kind) {
      case 'type':
        return to.kind === 'type'
      case 'list': case 'map': case 'opaque':
        return from.kind === to.kind && from.name === to.name && this.#allFit(from.params, to.params)
      default:
        return from.kind === to.kind && from.name === to.name
    }
  }

  /** Whether a parameter may stand for a type, and whether it stands for one already. */
  #standsFor(of: Type, parameter: Type): { valid: boolean; known: boolean } {
    if (isSame(of, parameter)) return { valid: true, known: true }
    const known = this.#known.get(parameter.name)
    if (known) {
      if (isSame(of, known)) return { valid: true, known: true }
      if (!this.#fits(of, known)) return { valid: false, known: true }
      const general = mostGeneral(of, known)
      if (!this.#isWithin(parameter, general)) this.#set(parameter.name, general)
      return { valid: true, known: true }
    }
    if (this.#isWithin(parameter, of)) return { valid: false, known: false }
    this.#set(parameter.name, of)
    return { valid: true, known: false }
  }

  #isWithin(parameter: Type, of: Type): boolean {
    if (isSame(parameter, of)) return true
    if (of.kind === 'param') {
      const known = this.#known.get(of.name)
      return known !== undefined && this.#isWithin(parameter, known)
    }
    return of.params.some((each) => this.#isWithin(parameter, each))
  }
}

function rebuilt(of: Type, params: readonly Type[]): Type {
  const [first, second] = params as readonly [Type, Type]
  return of.kind === 'list' ? list(first) : of.kind === 'map' ? map(first, second) : of.kind === 'type' ? typeOfType(first) : opaque(of.name, ...params)
}

const isNullable = ({ kind, nullable }: Type): boolean => nullable === true || ['opaque', 'struct', 'duration', 'timestamp', 'null', 'dyn'].includes(kind)

/** The one of two types that fit which says less. */
export const mostGeneral = (a: Type, b: Type): Type => (saysLess(a, b) ? a : b)

function saysLess(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'param') return true
  if (isDyn(b) || b.kind === 'param' || a.kind !== b.kind) return false
  switch (a.kind) {
    case 'opaque':
      return a.name === b.name && a.params.length === b.params.length && a.params.every((each, i) => saysLess(each, b.params[i]!))
    case 'list': case 'map':
      return a.params.every((each, i) => saysLess(each, b.params[i]!))
    case 'type':
      return true
    default:
      return isSame(a, b)
  }
}
