/** How much there may be of a value: characters, bytes, items, entries. */
export interface Size {
  readonly min: number
  readonly max: number
}

/** A declared type, with the largest sizes that its values may have. */
export interface SizedType {
  /** Characters of a text, items of a list, entries of a map; zero for what has no size. */
  readonly most: number
  readonly fields?: ReadonlyMap<string, SizedType>
  /** The names of a map's entries. */
  readonly keys?: SizedType
  /** A list's items, a map's values. */
  readonly items?: SizedType
}

/** Where cel-go stops to count: the largest uint64, which is also the size of what has no bound. */
export const endless = 2 ** 64

export const unknownSize: Size = { min: 0, max: endless }
export const exactly = (size: number): Size => ({ min: size, max: size })
export const eitherSize = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
export const sizeTimes = (a: Size, b: Size): Size => ({ min: times(a.min, b.min), max: times(a.max, b.max) })
export const sizePlus = (a: Size, b: Size): Size => ({ min: plus(a.min, b.min), max: plus(a.max, b.max) })

export const plus = (...costs: readonly number[]): number => Math.min(costs.reduce((sum, cost) => sum + cost, 0), endless)
export const times = (a: number, b: number): number => Math.min(a * b, endless)
/** Whole units, rounded up. */
export const scaled = (size: number, factor: number): number => Math.min(Math.ceil(size * factor), endless)
