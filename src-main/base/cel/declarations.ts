import type { Type } from './types.ts'

/** One way to call a function. */
export interface Overload {
  readonly name: string
  /** Whether it is called on its first argument. */
  readonly isMember: boolean
  readonly args: readonly Type[]
  readonly result: Type
  /** Does its work; what it throws is what went wrong. Absent where the evaluation does it by itself. */
  readonly run?: (...values: never[]) => unknown
  /** Parameters of its types. */
  readonly params: readonly string[]
  /** Takes whatever the checker took, without looking at the values' types. */
  readonly unguarded: boolean
}

type Run = Overload['run']
type Declared = Omit<Overload, 'name'>

const paramsOf = (types: readonly Type[]): string[] => [...new Set(types.flatMap((each): string[] => (each.kind === 'param' ? [each.name] : paramsOf(each.params))))]

const declared = (isMember: boolean, args: readonly Type[], result: Type, run: Run): Declared => ({ isMember, args, result, run, params: paramsOf([...args, result]), unguarded: false })

/** `f(a, b)` */
export const call = (args: readonly Type[], result: Type, run?: Run): Declared => declared(false, args, result, run)
/** `a.f(b)` */
export const member = (args: readonly Type[], result: Type, run?: Run): Declared => declared(true, args, result, run)
export const unguarded = (overload: Declared): Declared => ({ ...overload, unguarded: true })

/** One of the libraries of functions. */
export interface Library {
  /** Types whose names expressions may say. */
  readonly types?: readonly Type[]
  /** Other names that they have for the checker alone. */
  readonly names?: Readonly<Record<string, Type>>
  /** Whole numbers that have names. */
  readonly numbers?: Readonly<Record<string, bigint>>
  /** Objects that expressions may make, by their names. */
  readonly messages?: Readonly<Record<string, Message>>
  readonly functions: Readonly<Record<string, readonly Declared[]>>
}

/** A type of objects that expressions may make. */
export interface Message {
  /** Of what is made. */
  readonly type: Type
  /** The type of a field, where that is not for the type to say. */
  field?(name: string): Type | undefined
  make(fields: ReadonlyMap<string, unknown>): unknown
}

/** What there is of a name besides the libraries' types. */
export type FindMessage = (name: string) => Message | undefined

/** What an expression may name. */
export class Environment {
  readonly #functions: ReadonlyMap<string, readonly Overload[]>
  readonly #types: ReadonlyMap<string, Type>
  readonly #variables: ReadonlyMap<string, Type>
  readonly #numbers: ReadonlyMap<string, bigint>
  readonly #messages: ReadonlyMap<string, Message>
  readonly #findMessage: FindMessage

  private constructor(
    functions: ReadonlyMap<string, readonly Overload[]>, types: ReadonlyMap<string, Type>, variables: ReadonlyMap<string, Type>, numbers: ReadonlyMap<string, bigint>,
    messages: ReadonlyMap<string, Message>, findMessage: FindMessage,
  ) {
    this.#functions = functions
    this.#types = types
    this.#variables = variables
    this.#numbers = numbers
    this.#messages = messages
    this.#findMessage = findMessage
  }

  static of(libraries: readonly Library[]): Environment {
    return new Environment(new Map(), new Map(), new Map(), new Map(), new Map(), () => undefined).#including(libraries)
  }

  /** The same with more variables, with objects that expressions may make, and with more functions. */
  with(variables: Readonly<Record<string, Type>>, findMessage = this.#findMessage, libraries: readonly Library[] = []): Environment {
    const made = new Environment(this.#functions, this.#types, new Map([...this.#variables, ...Object.entries(variables)]), this.#numbers, this.#messages, findMessage)
    return libraries.length === 0 ? made : made.#including(libraries)
  }

  #including(libraries: readonly Library[]): Environment {
    const functions = new Map(this.#functions)
    const types = new Map(this.#types)
    const numbers = new Map(this.#numbers)
    const messages = new Map(this.#messages)
    for (const library of libraries) {
      for (const each of library.types ?? []) types.set(each.name, each)
      for (const [name, each] of Object.entries(library.names ?? {})) types.set(name, each)
      for (const [name, each] of Object.entries(library.numbers ?? {})) numbers.set(name, each)
      for (const [name, each] of Object.entries(library.messages ?? {})) messages.set(name, each)
      for (const [name, overloads] of Object.entries(library.functions)) {
        functions.set(name, [...(functions.get(name) ?? []), ...overloads.map((each) => ({ ...each, name }))])
      }
    }
    return new Environment(functions, types, this.#variables, numbers, messages, this.#findMessage)
  }

  variable(name: string): Type | undefined {
    return this.#variables.get(name)
  }

  /** A type by the name it has in expressions. */
  type(name: string): Type | undefined {
    return this.#types.get(name) ?? this.#findMessage(name)?.type
  }

  number(name: string): bigint | undefined {
    return this.#numbers.get(name)
  }

  message(name: string): Message | undefined {
    return this.#messages.get(name) ?? this.#findMessage(name)
  }

  overloads(name: string): readonly Overload[] | undefined {
    return this.#functions.get(name)
  }
}
