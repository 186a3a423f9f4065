import type { Dialect, Json } from './openapi-schema.ts'

/** A part of a request's query, as the generated `parameters.json` describes it. */
export interface Parameter {
  readonly name: string
  readonly type: string
  readonly description: string
}

/** By the verb, or by `pods/log` and the like. */
export type Parameters = Readonly<Record<string, readonly Parameter[]>>

/** Describes parameters; the same one is the same object each time, so that it can be told what is shared. */
export class ParameterMaker {
  readonly #queries = new Map<Parameter, Json>()
  readonly #others = new Map<string, Json>()
  readonly #dialect: Dialect

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  query(parameter: Parameter): Json {
    const known = this.#queries.get(parameter)
    if (known) return known
    const { name, type, description } = parameter
    const same = this.#once(`${name} ${description}`, () => this.#formed(type, { description, name, in: 'query' }))
    this.#queries.set(parameter, same)
    return same
  }

  path(name: string, description: string): Json {
    return this.#once(`/${name} ${description}`, () => this.#formed('string', { description, name, in: 'path', required: true }))
  }

  /** Version 2 alone calls a body a parameter. */
  body(schema: Json, required: boolean): Json {
    return this.#once(`${String(schema['$ref'])} ${required}`, () => ({ name: 'body', in: 'body', ...(required ? { required } : {}), schema }))
  }

  #formed(type: string, words: Json): Json {
    const form = { uniqueItems: true, type }
    return this.#dialect === 2 ? { ...form, ...words } : { ...words, schema: form }
  }

  #once(key: string, make: () => Json): Json {
    const known = this.#others.get(key) ?? make()
    this.#others.set(key, known)
    return known
  }
}

/** A path and what it serves: what all operations take stands beside them, as in Kubernetes' documents. */
export function pathItem(operations: ReadonlyArray<readonly [method: string, operation: Json, parameters: readonly Json[]]>): Json {
  const [, , first = []] = operations[0] ?? []
  const common = first.filter((parameter) => parameter['in'] !== 'body' && operations.every(([, , others]) => others.includes(parameter)))
  const item = operations.map(([method, operation, parameters]) => {
    const own = parameters.filter((parameter) => !common.includes(parameter))
    return [method, own.length > 0 ? { ...operation, parameters: inOrder(own) } : operation]
  })
  return { ...Object.fromEntries(item) as Json, ...(common.length > 0 ? { parameters: inOrder(common) } : {}) }
}

const inOrder = (parameters: readonly Json[]): Json[] => parameters.toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1))

/** Old clients look whether an operation takes these, so each says so itself. */
const saidEachTime: ReadonlySet<unknown> = new Set(['name', 'dryRun', 'fieldValidation'])

/** The same paths, what many of them take said once, beside them: a document of version 2 is half as long so. */
export function shareParameters(paths: Readonly<Record<string, Json>>): { paths: Record<string, Json>; parameters: Record<string, Json> } {
  const names = new Map<Json, string>()
  const shared = (parameter: Json): Json => {
    if (saidEachTime.has(parameter['name']) || (parameter['in'] === 'body' && !isGeneric(parameter))) return parameter
    const name = names.get(parameter) ?? `${String(parameter['name'])}-${shortHash(JSON.stringify(parameter))}`
    names.set(parameter, name)
    return { $ref: `#/parameters/${name}` }
  }
  const sharing = (holder: Json): Json => ('parameters' in holder ? { ...holder, parameters: (holder['parameters'] as Json[]).map(shared) } : holder)
  const done = Object.entries(paths).map(([path, item]) =>
    [path, sharing(Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, method === 'parameters' ? operation : sharing(operation as Json)])))])
  const parameters = Object.fromEntries([...names].map(([parameter, name]) => [name, parameter]).sort())
  return { paths: Object.fromEntries(done) as Record<string, Json>, parameters }
}

const isGeneric = ({ schema }: Json): boolean => String((schema as Json)['$ref']).startsWith('#/definitions/io.k8s.apimachinery')

/** FNV-1 of 64 bits, six bytes of it, as Kubernetes names what it shares. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(hash)
  return bytes.toString('base64url', 0, 6)
}
