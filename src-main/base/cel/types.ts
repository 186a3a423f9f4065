/** What sorts of types there are, as cel-go's checker tells them apart. */
export type Kind =
  | 'bool' | 'bytes' | 'double' | 'duration' | 'dyn' | 'error' | 'int' | 'list' | 'map' | 'null' | 'opaque' | 'param' | 'string' | 'struct' | 'timestamp' | 'type'
  | 'uint'

export interface Type {
  readonly kind: Kind
  /** As values of it say it in the run. */
  readonly name: string
  readonly params: readonly Type[]
  /** The type of a field; undefined for one that it has not. Objects only. */
  readonly field?: (name: string) => Type | undefined
  /** May be null as well: a wrapper. */
  readonly nullable?: boolean
}

const plain = (kind: Kind, name: string = kind): Type => ({ kind, name, params: [] })

export const bool = plain('bool')
export const bytes = plain('bytes')
export const double = plain('double')
export const duration = plain('duration', 'google.protobuf.Duration')
export const dyn = plain('dyn')
/** Of a message that holds any other. */
export const any = plain('dyn', 'google.protobuf.Any')
export const int = plain('int')
export const nullType = plain('null', 'null_type')
export const string = plain('string')
export const timestamp = plain('timestamp', 'google.protobuf.Timestamp')
export const uint = plain('uint')
/** The type of types. */
export const type = plain('type')
/** Of what is wrong; it fits everywhere, so that one mistake is told once. */
export const errorType = plain('error', '*error*')

export const list = (item: Type): Type => ({ kind: 'list', name: 'list', params: [item] })
export const map = (key: Type, value: Type): Type => ({ kind: 'map', name: 'map', params: [key, value] })
export const typeOfType = (of: Type): Type => ({ kind: 'type', name: 'type', params: [of] })
export const param = (name: string): Type => ({ kind: 'param', name, params: [] })
/** A type of which only functions know more. */
export const opaque = (name: string, ...params: Type[]): Type => ({ kind: 'opaque', name, params })
export const optional = (of: Type): Type => opaque('optional_type', of)
export const wrapper = (of: Type): Type => ({ ...of, nullable: true })
/** An object with fields. */
export const struct = (name: string, field: Type['field'] = () => undefined): Type => ({ kind: 'struct', name, params: [], field })

export const isDyn = ({ kind }: Type): boolean => kind === 'dyn'
export const isDynOrError = ({ kind }: Type): boolean => kind === 'dyn' || kind === 'error'
export const isOptional = ({ kind, name }: Type): boolean => kind === 'opaque' && name === 'optional_type'

/** What an optional is of; of others the type itself. */
export const unwrapped = (of: Type): Type => (isOptional(of) ? of.params[0]! : of)

/** Whether two types are the same to their last part; `named` also tells parameters apart. */
export function isSame(a: Type, b: Type, named = true): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false
  if ((named || a.kind !== 'param') && a.name !== b.name) return false
  return a.params.every((each, i) => isSame(each, b.params[i]!, named))
}

const words: Partial<Record<Kind, string>> = { duration: 'duration', timestamp: 'timestamp', error: '!error!', null: 'null' }

/** A type as cel-go's messages write it: `map(string, int)`. */
export function formatType(of: Type): string {
  const word = of.nullable ? `wrapper(${of.name})` : isSame(of, any) ? 'any' : words[of.kind]
  if (word) return word
  return of.params.length === 0 ? of.name : `${of.name}(${of.params.map(formatType).join(', ')})`
}

/** A type as Kubernetes writes what an expression must make: by the name it has in the run. */
export const typeName = (of: Type): string => (of.params.length === 0 ? (of.kind === 'param' ? `<${of.name}>` : of.name) : `${of.name}(${of.params.map(typeName).join(', ')})`)
