import { type AnyMap, find, isEqual, keyOf, LazyMap, OwnList } from '../../base/cel/values.ts'
import { equalJson } from '../../base/json.ts'
import { celName } from '../cel/field-names.ts'
import type { CelType } from './cel-values.ts'

/** What rules see of the fields of an object. */
export interface Fields {
  /** The field's own name, by the one that rules have for it. */
  keyOf(name: string): string | undefined
  named(name: string): CelType | undefined
  /** By its own name; undefined for one that rules do not see. */
  at(key: string): CelType | undefined
}

type Json = Readonly<Record<string, unknown>>

/** Values made of JSON when they are first asked for. */
abstract class Made extends LazyMap {
  protected readonly json: Json
  readonly #made = new Map<string, unknown>()

  constructor(json: Json) {
    super()
    this.json = json
  }

  get size(): number {
    return Object.keys(this.json).length
  }

  protected made(key: string, type: CelType): unknown {
    if (!this.#made.has(key)) this.#made.set(key, type.value(this.json[key]))
    return this.#made.get(key)
  }
}

/** An object with fields, which is not there where it is null. */
export class Struct extends Made {
  readonly #fields: Fields

  constructor(json: Json, fields: Fields) {
    super(json)
    this.#fields = fields
  }

  get(name: unknown): unknown {
    const key = this.#fields.keyOf(name as string)
    const type = key === undefined ? undefined : this.#fields.at(key)
    return type && Object.hasOwn(this.json, key!) && this.json[key!] !== null ? this.made(key!, type) : undefined
  }

  keys(): Iterable<string> {
    return Object.keys(this.json).filter((key) => this.#fields.at(key) !== undefined).map(celName)
  }

  /** What rules do not see counts too, where both have it. */
  override equals(other: AnyMap): boolean {
    if (this.size !== other.size) return false
    return Object.keys(this.json).every((key) => {
      if (!this.#fields.at(key)) return !(other instanceof Struct) || !Object.hasOwn(other.json, key) || equalJson(this.json[key], other.json[key])
      const [own, others] = [this.get(celName(key)), find(other, celName(key))]
      return own === undefined || others === undefined ? own === others : isEqual(own, others)
    })
  }
}

/** An object with any names. */
export class Entries extends Made {
  readonly #values: CelType

  constructor(json: Json, values: CelType) {
    super(json)
    this.#values = values
  }

  get(key: unknown): unknown {
    return Object.hasOwn(this.json, key as string) ? this.made(key as string, this.#values) : undefined
  }

  keys(): Iterable<string> {
    return Object.keys(this.json)
  }
}

/** A list in which the order means nothing, and nothing is twice. */
export class SetList extends OwnList {
  static made(items: readonly unknown[]): SetList {
    const made = new SetList()
    for (const item of items) made.push(item)
    return made
  }

  plus(other: readonly unknown[]): SetList {
    const known = new Set(this.map(keyOf))
    return SetList.made([...this, ...other.filter((each) => !known.has(keyOf(each)) && known.add(keyOf(each)))])
  }

  equals(other: readonly unknown[]): boolean {
    const known = new Set(this.map(keyOf))
    return this.length === other.length && other.every((each) => known.has(keyOf(each)))
  }
}

/** A list of objects that are told apart by some of their fields, and in which the order means nothing. */
export class KeyedList extends OwnList {
  #keys: readonly string[] = []

  static made(items: readonly unknown[], keys: readonly string[]): KeyedList {
    const made = new KeyedList()
    for (const item of items) made.push(item)
    made.#keys = keys
    return made
  }

  /** An item takes the place of the one with its key. */
  plus(other: readonly unknown[]): KeyedList {
    const items = new Map(this.map((item) => [this.#keyOf(item), item]))
    for (const item of other) items.set(this.#keyOf(item), item)
    return KeyedList.made([...items.values()], this.#keys)
  }

  equals(other: readonly unknown[]): boolean {
    const items = new Map(this.map((item) => [this.#keyOf(item), item]))
    return this.length === other.length && other.every((item) => items.has(this.#keyOf(item)) && isEqual(items.get(this.#keyOf(item)), item))
  }

  #keyOf(item: unknown): string {
    return keyOf(item instanceof LazyMap || item instanceof Map ? this.#keys.map((key) => (item.get(key) as unknown) ?? null) : item)
  }
}
