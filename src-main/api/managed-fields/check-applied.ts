import { GoOnly, goSource, goText, goTypeOf } from '../../base/go-text.ts'
import { isJsonObject } from '../../base/json.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import { plainFailure, type StatusError } from '../../kinds/status-error.ts'
import { typeOf } from '../../kinds/schemas.ts'
import { elementText, fieldElement } from './fields-v1.ts'
import { builtIn, elementOf, given, isDeclared, itemSchema, rootSchema, schemaBelow, type Shapes } from './shapes.ts'

/**
 * What an applied object may not have, in Kubernetes' sentences: fields that the type lacks, values of another type, items
 * without their key or with one that is there already unless `duplicates` may be. Formats and values are checked where the
 * merged object is.
 */
export function checkApplied(schema: string, applied: unknown, shapes: Shapes = builtIn, { duplicates = false } = {}): string[] {
  const mistakes: string[] = []
  check({ shapes, mistakes, duplicates }, rootSchema(schema), applied, undefined)
  return mistakes
}

/** kube-apiserver has no reason for this one: it comes from below its API. */
export const typedPatchError = (object: Readonly<KubeObject>, mistakes: readonly string[]): StatusError =>
  plainFailure(`failed to create typed patch object (${described(object)}): ${toldTogether(mistakes)}`)

/** An object as Kubernetes names it there. */
export const described = ({ apiVersion = '', kind, metadata }: Readonly<KubeObject>): string =>
  `${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`

/** Mistakes of an applied object as one sentence, or as lines. */
export const toldTogether = (mistakes: readonly string[]): string =>
  mistakes.length === 1 ? mistakes[0]! : ['errors:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n')

interface Walk {
  readonly shapes: Shapes
  readonly mistakes: string[]
  readonly duplicates: boolean
}

/** Where a value stands; of most of them nobody needs to know. */
type Place = { readonly above: Place; readonly element: string } | undefined

function check(walk: Walk, schema: FieldSchema, wish: unknown, path: Place): void {
  const value = given(schema, wish)
  if (value === undefined || value === null) return
  if (schema.type === 'any') return value instanceof GoOnly ? void walk.mistakes.push(said(path, noValue(value))) : undefined
  if (schema.type === 'array') checkList(walk, schema, value, path)
  else if (schema.type === 'object' || schema.type === 'map') checkNames(walk, schema, value, path)
  else checkScalar(walk, schema, value, path)
}

const noValue = (value: unknown): string => `expected map, got &{${goText(value)}}`

function checkNames(walk: Walk, schema: FieldSchema, value: unknown, path: Place): void {
  if (!isJsonObject(value) || value instanceof GoOnly) {
    walk.mistakes.push(said(path, noValue(value)))
    return
  }
  const type = schema.type === 'object' ? typeOf(schema.ref, walk.shapes.types) : undefined
  const isStruct = type !== undefined && !type.open
  for (const name of Object.keys(value)) {
    const at = { above: path, element: fieldElement(name) }
    if (isStruct && !isDeclared(walk.shapes, schema, name)) walk.mistakes.push(said(at, 'field not declared in schema'))
    else check(walk, schemaBelow(walk.shapes, schema, name), value[name], at)
  }
}

function checkList(walk: Walk, schema: FieldSchema, value: unknown, path: Place): void {
  if (!Array.isArray(value)) {
    walk.mistakes.push(said(path, `expected list, got &{${goText(value)}}`))
    return
  }
  const items = itemSchema(schema)
  if (schema.listType !== 'map' && schema.listType !== 'set') {
    // of hundreds of thousands of plain values nobody needs to know where they are
    const plain = wanted[items.type]?.[0]
    value.forEach((item: unknown, i) => {
      if (plain === undefined || typeof item !== plain) check(walk, items, item, { above: path, element: `i:${i}` })
    })
    return
  }
  const seen = new Set<string>()
  for (let i = 0; i < value.length; i++) {
    const item: unknown = value[i]
    const element = item instanceof GoOnly ? undefined : elementOf(walk.shapes, schema, item)
    // as Kubernetes: what has no name hides the mistakes of those behind it
    if (element === undefined) return void walk.mistakes.push(said(path, `element ${i}: ${nameless(schema, item)}`))
    if (seen.has(element) && !walk.duplicates) walk.mistakes.push(said(path, `duplicate entries for key ${elementText(element)}`))
    seen.add(element)
    check(walk, items, item, { above: path, element: element })
  }
}

function nameless(schema: FieldSchema, item: unknown): string {
  if (schema.listType === 'set') {
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
    const what = item === null ? 'an explicit null' : 'a map type'
    return `associative list without keys has an element that's ${what}`
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isJsonObject(item) || item instanceof GoOnly) return 'associative list with keys may not have non-map elements'
  const keys = (schema.listMapKeys ?? []).map((key) => JSON.stringify(key)).join(' ')
  return `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`
}

const wanted: Readonly<Record<string, readonly [type: string, word: string]>> = {
  string: ['string', 'string'],
  bytes: ['string', 'string'],
  boolean: ['boolean', 'boolean'],
  integer: ['number', 'numeric (int or float)'],
  number: ['number', 'numeric (int or float)'],
}

function checkScalar(walk: Walk, schema: FieldSchema, value: unknown, path: Place): void {
  const [type, word] = wanted[schema.type] ?? [typeof value === 'bigint' ? 'number' : typeof value, 'any scalar']
  if ((typeof value === 'bigint' ? 'number' : typeof value) === type && typeof value !== 'object') return
  // of a number Kubernetes tells what it is instead, and of a text how Go would write the value
  const got = type === 'number' ? goTypeOf(value) : type === 'string' ? `&value.valueUnstructured{Value:${goSource(value)}}` : `&{${goText(value)}}`
  walk.mistakes.push(said(path, `expected ${word}, got ${got}`))
}

function said(path: Place, sentence: string): string {
  return path ? `${textOf(path)}: ${sentence}` : sentence
}

const textOf = (path: Place): string => (path ? textOf(path.above) + elementText(path.element) : '')
