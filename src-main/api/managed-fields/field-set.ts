/**
 * A set of fields as a tree. The way from a value to one below it is an element in FieldsV1's own words: `f:spec`,
 * `k:{"name":"web"}`, `v:"x"`, `i:0`. Never changed once made, and without empty branches, so that operations share what
 * they can and return their first argument itself when nothing changes.
 */
export interface FieldSet {
  /** The field itself is in the set, whatever is below it. */
  readonly owned: boolean
  readonly children: ReadonlyMap<string, FieldSet>
}

const none: ReadonlyMap<string, FieldSet> = new Map()

export const emptySet: FieldSet = { owned: false, children: none }
/** A field with nothing below it in the set. */
export const leaf: FieldSet = { owned: true, children: none }

/**
 * More than these cannot be stored: each takes nine bytes of fieldsV1 at least, and some of the object, of which etcd takes
 * 1.5 MiB.
 */
const mostFields = 90_000

/** What owns so many fields cannot be stored. */
export class TooManyFields extends Error {
  override readonly name = 'TooManyFields'
}

/** Counts the fields of one object. */
export class FieldCount {
  #left = mostFields

  /** @throws TooManyFields */
  add(): void {
    if (--this.#left < 0) throw tooMany()
  }

  /** Before the items of a list are looked at, each of which is a field and has one that is its key. @throws TooManyFields */
  expectItems(list: unknown): void {
    if (Array.isArray(list) && list.length * 2 > this.#left) throw tooMany()
  }
}

const tooMany = (): TooManyFields => new TooManyFields(`more than ${mostFields} fields`)

export const isEmpty = (set: FieldSet): boolean => !set.owned && set.children.size === 0

/** The set of these paths, each a list of elements; nobody owns the whole object, so the empty path adds nothing. */
export const setOf = (...paths: readonly (readonly string[])[]): FieldSet => {
  const builder = new FieldSetBuilder()
  for (const path of paths) builder.add(path)
  return builder.set
}

interface Growing extends FieldSet {
  owned: boolean
  readonly children: Map<string, Growing>
}

/** A set while it is being made. */
export class FieldSetBuilder {
  readonly #root: Growing = { owned: false, children: new Map() }

  get set(): FieldSet {
    return this.#root
  }

  add(path: readonly string[]): void {
    if (path.length > 0) this.#at(path).owned = true
  }

  /** Puts a whole set where the builder has nothing and gets nothing more: the set is shared. */
  attach(path: readonly string[], set: FieldSet): void {
    this.#at(path.slice(0, -1)).children.set(path.at(-1)!, set as Growing)
  }

  #at(path: readonly string[]): Growing {
    let at = this.#root
    for (const element of path) {
      let next = at.children.get(element)
      if (!next) at.children.set(element, (next = { owned: false, children: new Map() }))
      at = next
    }
    return at
  }
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  let children: Map<string, FieldSet> | undefined
  for (const [element, other] of b.children) {
    const mine = a.children.get(element)
    const joined = mine ? union(mine, other) : other
    if (joined !== mine) (children ??= new Map(a.children)).set(element, joined)
  }
  const owned = a.owned || b.owned
  return children || owned !== a.owned ? { owned, children: children ?? a.children } : a
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const [element, mine] of a.children) {
    const other = b.children.get(element)
    const common = other ? intersection(mine, other) : emptySet
    if (!isEmpty(common)) children.set(element, common)
  }
  return { owned: a.owned && b.owned, children }
}

/** The fields of `a` that are not in `b`: each by itself, so a parent in `b` takes no children of `a` along. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet =>
  changedChildren(a, b, a.owned && !b.owned, (mine, other) => difference(mine, other))

/** The fields of `a` that are neither in `b` nor below one that is. */
export const differenceBelow = (a: FieldSet, b: FieldSet): FieldSet =>
  changedChildren(a, b, a.owned && !b.owned, (mine, other) => (other.owned ? emptySet : differenceBelow(mine, other)))

function changedChildren(
  a: FieldSet,
  b: FieldSet,
  owned: boolean,
  rest: (mine: FieldSet, other: FieldSet) => FieldSet,
): FieldSet {
  let children: Map<string, FieldSet> | undefined
  for (const [element, other] of b.children) {
    const mine = a.children.get(element)
    if (!mine) continue
    const left = rest(mine, other)
    if (left === mine) continue
    children ??= new Map(a.children)
    if (isEmpty(left)) children.delete(element)
    else children.set(element, left)
  }
  return children || owned !== a.owned ? { owned, children: children ?? a.children } : a
}

/** The fields that have none of the set below them. */
export function leaves(set: FieldSet): FieldSet {
  if (set.children.size === 0) return set
  return { owned: false, children: new Map([...set.children].map(([element, child]) => [element, leaves(child)])) }
}

/** What the set has below a path; the empty set when it has nothing there. */
export function below(set: FieldSet, path: readonly string[]): FieldSet {
  let at: FieldSet | undefined = set
  for (const element of path) at = at?.children.get(element)
  return at ?? emptySet
}

export const has = (set: FieldSet, path: readonly string[]): boolean => path.length > 0 && below(set, path).owned

export function isSameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  if (a.owned !== b.owned || a.children.size !== b.children.size) return false
  for (const [element, mine] of a.children) {
    const other = b.children.get(element)
    if (!other || !isSameSet(mine, other)) return false
  }
  return true
}
