import { GoOnly, goQuoted } from '../go-text.ts'
import { type Json, toJson } from './json.ts'
import { JsonPatchOperation, PatchObject } from './patches.ts'
import { writeDuration, writeTimestamp } from './times.ts'
import { Duration, isMap, MadeMap, OpaqueValue, Optional, Timestamp, TypeValue, Uint } from './values.ts'

export type GoValue = GoOnly | string | number | bigint | boolean | null | GoValue[] | { [name: string]: GoValue }

/**
 * An `Object{...}` as Go's own values: JSON's, and what an expression says in words of its own (`null`, `5u`, a map within
 * another) as what only Go has.
 */
export function objectToGo({ fields }: PatchObject): { [name: string]: GoValue } | GoOnly {
  const entries: Array<[string, GoValue]> = []
  for (const [name, value] of fields) {
    const wrong = value instanceof MadeMap ? [...value.keys()].find((key) => typeof key !== 'string') : undefined
    if (wrong !== undefined) return new GoOnly('*types.Err', `fail to convert field ${goQuoted(name)}: map key ${String(wrong as bigint)} is not string`)
    entries.push([name, fieldToGo(value)])
  }
  return Object.fromEntries(entries)
}

function fieldToGo(value: unknown): GoValue {
  if (Array.isArray(value)) return value.map(toGo)
  if (value instanceof MadeMap) return Object.fromEntries([...(value as MadeMap<string, unknown>)].map(([key, each]) => [key, toGo(each)]))
  return toGo(value)
}

function toGo(value: unknown): GoValue {
  if (value === null) return new GoOnly('structpb.NullValue', 'NULL_VALUE', '0')
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value !== 'object') return value as string | number | boolean
  if (value instanceof PatchObject) return objectToGo(value)
  if (value instanceof Optional) return value.value === undefined ? null : toGo(value.value)
  if (value instanceof TypeValue) return value.name
  if (Array.isArray(value)) return value.map(toGo)
  return goOnly(value) ?? toJson(value)
}

/** Its words; undefined for what JSON has too. */
function goOnly(value: object): GoOnly | undefined {
  if (value instanceof MadeMap) return new GoOnly('map[ref.Val]ref.Val', `map[${[...value].map(([key, each]) => `${text(key)}:${text(each)}`).join(' ')}]`)
  if (value instanceof Uint) return new GoOnly('uint64', String(value.value), `0x${value.value.toString(16)}`, Number(value.value))
  if (value instanceof Uint8Array) {
    const bytes = [...value]
    return new GoOnly('[]uint8', `[${bytes.join(' ')}]`, `[]uint8{${bytes.map((each) => `0x${each.toString(16)}`).join(', ')}}`, Buffer.from(value).toString('base64'))
  }
  if (value instanceof Duration) return new GoOnly('time.Duration', writeDuration(value), String(value.nanos))
  if (value instanceof Timestamp) return new GoOnly('time.Time', writeTimestamp(value))
  if (value instanceof JsonPatchOperation) return new GoOnly('*mutation.JSONPatchVal', 'JSONPatch')
  if (value instanceof OpaqueValue) return new GoOnly(value.type.name, value.key)
  return isMap(value) ? undefined : new GoOnly('ref.Val', '')
}

function text(value: unknown): string {
  const made = toGo(value)
  return made instanceof GoOnly ? made.text : typeof made === 'object' ? JSON.stringify(made) : String(made)
}

/** What stands for it in JSON. @throws Error for what Go cannot say in JSON */
export function goToJson(value: GoValue): Json {
  if (value instanceof GoOnly) {
    if (value.json === undefined) throw new Error(`proto: invalid type: ${value.type}`)
    return value.json
  }
  if (Array.isArray(value)) return value.map(goToJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, goToJson(each)]))
}
