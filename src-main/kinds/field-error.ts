import { goQuoted } from '../base/go-text.ts'

/** One mistake in an object, as a cause of a 422 Invalid Status: field.Error of apimachinery. */
export interface FieldError {
  /** `spec.ports[0].port` */
  readonly field: string
  readonly reason:
    | 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueNotSupported' | 'FieldValueDuplicate' | 'FieldValueForbidden'
    | 'FieldValueTooLong' | 'FieldValueTooMany' | 'FieldValueNotFound' | 'FieldValueTypeInvalid' | 'InternalError'
  /** Without the path: `Invalid value: 70000: must be between 1 and 65535, inclusive`. */
  readonly message: string
  /** Refuses nothing: it was so before, and the client is told. */
  readonly isWarning?: true
}

type Step = string | number | { readonly key: string }

/** Of one object; nobody reads further, and a hostile body cannot make a giant answer. */
export const mostMistakes = 1000
/** Of all their texts together. */
const mostTold = 1024 * 1024

/** Ends the look at an object that has more mistakes than are told. */
export class TooManyMistakes extends Error {
  readonly told: readonly FieldError[]

  constructor(told: readonly FieldError[]) {
    super(`more than ${told.length} mistakes`)
    this.told = told
  }
}

/** What has been said below one root. */
interface Told {
  readonly errors: FieldError[]
  length: number
}

/** Where in an object a value stands, and the sentences Kubernetes says about a wrong one. Its text is made when somebody asks for it. */
export class FieldPath {
  readonly #parent: FieldPath | undefined
  readonly #steps: readonly Step[]
  readonly #told: Told | undefined

  constructor(steps: readonly Step[] = [], parent?: FieldPath, told = parent === undefined ? undefined : parent.#told) {
    this.#steps = steps
    this.#parent = parent
    this.#told = told
  }

  /** A root below which any number of mistakes may be found, of which a thousand are told, or a MiB: the next throws TooManyMistakes. */
  static bounded(): FieldPath {
    return new FieldPath([], undefined, { errors: [], length: 0 })
  }

  /** `child('spec', 'ports', 0)`: names join with dots, numbers become indexes. */
  child(...steps: ReadonlyArray<string | number>): FieldPath {
    return new FieldPath(steps, this)
  }

  /** A map's entry: `data[key]`. */
  key(name: string): FieldPath {
    return new FieldPath([{ key: name }], this)
  }

  toString(): string {
    return this.#text() || '<nil>'
  }

  #text(): string {
    let path = this.#parent === undefined ? '' : this.#parent.#text()
    for (const step of this.#steps) {
      if (typeof step === 'object') path += `[${step.key}]`
      else if (typeof step === 'number') path += `[${step}]`
      else path += path === '' ? step : `.${step}`
    }
    return path
  }

  #error(reason: FieldError['reason'], whole: string): FieldError {
    const message = whole.length > mostSaid ? `${whole.slice(0, mostSaid)}...` : whole
    const error = { field: this.toString(), reason, message }
    if (this.#told) {
      const { errors, length } = this.#told
      if (errors.length >= mostMistakes || length > mostTold) throw new TooManyMistakes(errors)
      errors.push(error)
      this.#told.length += error.field.length + message.length
    }
    return error
  }

  required(detail = ''): FieldError {
    return this.#error('FieldValueRequired', detail === '' ? 'Required value' : `Required value: ${detail}`)
  }

  invalid(value: unknown, detail: string): FieldError {
    return this.#error('FieldValueInvalid', `Invalid value: ${show(value)}${detail && `: ${detail}`}`)
  }

  /** The same of a value that is too large to be shown. */
  wrong(detail: string): FieldError {
    return this.#error('FieldValueInvalid', `Invalid value: ${detail}`)
  }

  outOfRange(value: number, low: number, high: number): FieldError {
    return this.invalid(value, `must be between ${low} and ${high}, inclusive`)
  }

  negative(value: number): FieldError {
    return this.invalid(value, 'must be greater than or equal to 0')
  }

  immutable(value: unknown): FieldError {
    return this.invalid(value, 'field is immutable')
  }

  notSupported(value: unknown, supported: readonly string[]): FieldError {
    const list = supported.map((s) => JSON.stringify(s)).join(', ')
    return this.#error('FieldValueNotSupported', `Unsupported value: ${show(value)}: supported values: ${list}`)
  }

  duplicate(value: unknown): FieldError {
    return this.#error('FieldValueDuplicate', `Duplicate value: ${show(value)}`)
  }

  forbidden(detail: string): FieldError {
    return this.#error('FieldValueForbidden', `Forbidden: ${detail}`)
  }

  notFound(value: unknown): FieldError {
    return this.#error('FieldValueNotFound', `Not found: ${show(value)}`)
  }

  tooLong(maxBytes: number): FieldError {
    return this.#error('FieldValueTooLong', `Too long: may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`)
  }

  tooMany(actual: number, max: number): FieldError {
    return this.#error('FieldValueTooMany', `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`)
  }

  /** Something that is nobody's mistake, or that nobody foresaw. */
  internal(detail: string): FieldError {
    return this.#error('InternalError', `Internal error: ${detail}`)
  }

  typeInvalid(value: unknown, detail: string): FieldError {
    return this.#error('FieldValueTypeInvalid', `Invalid value: ${show(value)}: ${detail}`)
  }
}

const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' }

/** JSON as Go writes it, which has three characters escaped. */
export const goEscaped = (json: string): string => json.replaceAll(/[<>&]/g, (character) => escapes[character]!)

/** Of a longer value only the beginning is told. */
const mostShown = 64 * 1024
/** And of a longer sentence, as one with all that changed. */
const mostSaid = 2 * mostShown

function show(value: unknown): string {
  if (value === undefined) return 'null'
  const whole = typeof value === 'string' ? goQuoted(value.slice(0, mostShown)) : JSON.stringify(value)
  const text = whole.length > mostShown ? `${whole.slice(0, mostShown)}...` : whole
  return typeof value === 'object' ? goEscaped(text) : text
}

export const field = (...steps: ReadonlyArray<string | number>): FieldPath => new FieldPath().child(...steps)
