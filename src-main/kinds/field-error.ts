/** One mistake in an object, as a cause of a 422 Invalid Status: field.Error of apimachinery. */
export interface FieldError {
  /** `spec.ports[0].port` */
  readonly field: string
  readonly reason:
    | 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueNotSupported' | 'FieldValueDuplicate' | 'FieldValueForbidden'
    | 'FieldValueTooLong' | 'FieldValueTooMany' | 'FieldValueNotFound' | 'FieldValueTypeInvalid'
  /** Without the path: `Invalid value: 70000: must be between 1 and 65535, inclusive`. */
  readonly message: string
}

type Step = string | number | { readonly key: string }

/** Where in an object a value stands, and the sentences Kubernetes says about a wrong one. Its text is made when somebody asks for it. */
export class FieldPath {
  readonly #parent: FieldPath | undefined
  readonly #steps: readonly Step[]

  constructor(steps: readonly Step[] = [], parent?: FieldPath) {
    this.#steps = steps
    this.#parent = parent
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

  #error(reason: FieldError['reason'], message: string): FieldError {
    return { field: this.toString(), reason, message }
  }

  required(detail = ''): FieldError {
    return this.#error('FieldValueRequired', detail === '' ? 'Required value' : `Required value: ${detail}`)
  }

  invalid(value: unknown, detail: string): FieldError {
    return this.#error('FieldValueInvalid', `Invalid value: ${show(value)}${detail && `: ${detail}`}`)
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
    return this.#error('FieldValueTooLong', `Too long: may not be more than ${maxBytes} bytes`)
  }

  tooMany(actual: number, max: number): FieldError {
    return this.#error('FieldValueTooMany', `Too many: ${actual}: must have at most ${max} items`)
  }

  typeInvalid(value: unknown, detail: string): FieldError {
    return this.#error('FieldValueTypeInvalid', `Invalid value: ${show(value)}: ${detail}`)
  }
}

const show = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value))

export const field = (...steps: ReadonlyArray<string | number>): FieldPath => new FieldPath().child(...steps)
