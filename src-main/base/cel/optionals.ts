import { call, type Library, member } from './declarations.ts'
import { goText } from './value-text.ts'
import * as t from './types.ts'
import { Failure, isZero, none, Optional, optionalOf } from './values.ts'

const [k, v] = [t.param('K'), t.param('V')]
const [optionalV, listV, mapKV] = [t.optional(v), t.list(v), t.map(k, v)]

function unwrap(list: readonly unknown[]): unknown {
  const wrong = list.find((each) => !(each instanceof Optional))
  if (wrong !== undefined) return new Failure(`value ${goText(wrong)} is not optional`)
  return list.map((each) => (each as Optional).value).filter((value) => value !== undefined)
}

/** OptionalTypes of cel-go. What has no work here is done by the evaluation. */
export const optionalLibrary: Library = {
  types: [t.optional(v)],
  functions: {
    'optional.of': [call([v], optionalV, optionalOf)],
    'optional.ofNonZeroValue': [call([v], optionalV, (value: unknown) => (isZero(value) ? none : optionalOf(value)))],
    'optional.none': [call([], optionalV, () => none)],
    'value': [member([optionalV], v, ({ value }: Optional) => (value === undefined ? new Failure('optional.none() dereference') : value))],
    'hasValue': [member([optionalV], t.bool, ({ value }: Optional) => value !== undefined)],
    'or': [member([optionalV, optionalV], optionalV)],
    'orValue': [member([optionalV, v], v)],
    '_?._': [call([t.dyn, t.string], optionalV)],
    '_[?_]': [call([listV, t.int], optionalV), call([t.optional(listV), t.int], optionalV), call([mapKV, k], optionalV), call([t.optional(mapKV), k], optionalV)],
    '_[_]': [call([t.optional(listV), t.int], optionalV), call([t.optional(mapKV), k], optionalV)],
    'last': [member([listV], optionalV, (list: readonly unknown[]) => optionalOf(list.at(-1)))],
    'first': [member([listV], optionalV, (list: readonly unknown[]) => optionalOf(list[0]))],
    'optional.unwrap': [call([t.list(optionalV)], listV, unwrap)],
    'unwrapOpt': [member([t.list(optionalV)], listV, unwrap)],
  },
}
