import { goText, goTypeOf } from '../../base/go-text.ts'
import { isJsonObject } from '../../base/json.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import { plainFailure, type StatusError } from '../../kinds/status-error.ts'
import { typeOf } from '../../kinds/schemas.ts'
import { elementText, fieldElement } from './fields-v1.ts'
import { builtIn, elementOf, given, isDeclared, itemSchema, rootSchema, schemaBelow, type Shapes } from './shapes.ts'

/**
 * What an applied object may not have, in Kubernetes' sentences: fields that the type lacks, values of another type, items
 * without their key or with one that is there already. Formats and values are checked where the merged object is.
 */
export function checkApplied(schema: string, applied: unknown, shapes: Shapes = builtIn): string[] {
  const mistakes: string[] = []
  check({ shapes, mistakes }, rootSchema(schema), applied, '')
  return mistakes
}

/** kube-apiserver has no reason for this one: it comes from below its API. */
export function typedPatchError(
  { apiVersion, kind, metadata }: Readonly<KubeObject>,
  mistakes: readonly string[],
): StatusError {
  const type = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
  const said =
    mistakes.length === 1 ? mistakes[0] : ['errors:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n')
  const message = `failed to create typed patch object (${metadata.namespace ?? ''}/${metadata.name ?? ''}; ${type}): ${said}`
  return plainFailure(message)
}

interface Walk {
  readonly shapes: Shapes
  readonly mistakes: string[]
}

function check(walk: Walk, schema: FieldSchema, wish: unknown, path: string): void {
  const value = given(schema, wish)
  if (value === undefined || value === null || schema.type === 'any') return
  if (schema.type === 'array') checkList(walk, schema, value, path)
  else if (schema.type === 'object' || schema.type === 'map') checkNames(walk, schema, value, path)
  else checkScalar(walk, schema, value, path)
}

function checkNames(walk: Walk, schema: FieldSchema, value: unknown, path: string): void {
  if (!isJsonObject(value)) {
    walk.mistakes.push(said(path, `expected map, got &{${goText(value)}}`))
    return
  }
  const type = schema.type === 'object' ? typeOf(schema.ref, walk.shapes.types) : undefined
  const isStruct = type !== undefined && !type.open
  for (const name of Object.keys(value)) {
    const at = path + elementText(fieldElement(name))
    if (isStruct && !isDeclared(walk.shapes, schema, name)) walk.mistakes.push(said(at, 'field not declared in schema'))
    else check(walk, schemaBelow(walk.shapes, schema, name), value[name], at)
  }
}

function checkList(walk: Walk, schema: FieldSchema, value: unknown, path: string): void {
  if (!Array.isArray(value)) {
    walk.mistakes.push(said(path, `expected list, got &{${goText(value)}}`))
    return
  }
  const items = itemSchema(schema)
  if (schema.listType !== 'map' && schema.listType !== 'set') {
    // of hundreds of thousands of plain values nobody needs to know where they are
    const plain = wanted[items.type]?.[0]
    value.forEach((item: unknown, i) => {
      if (plain === undefined || typeof item !== plain) check(walk, items, item, path + elementText(`i:${i}`))
    })
    return
  }
  const seen = new Set<string>()
  value.forEach((item: unknown, i) => {
    const element = elementOf(walk.shapes, schema, item)
    if (element === undefined) {
      walk.mistakes.push(said(path, `element ${i}: ${nameless(schema, item)}`))
      return
    }
    if (seen.has(element)) walk.mistakes.push(said(path, `duplicate entries for key ${elementText(element)}`))
    seen.add(element)
    check(walk, items, item, path + elementText(element))
  })
}

function nameless(schema: FieldSchema, item: unknown): string {
  if (schema.listType === 'set') {
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
    const what = item === null ? 'an explicit null' : 'a map type'
    return `associative list without keys has an element that's ${what}`
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isJsonObject(item)) return 'associative list with keys may not have non-map elements'
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

function checkScalar(walk: Walk, schema: FieldSchema, value: unknown, path: string): void {
  const [type, word] = wanted[schema.type] ?? [typeof value === 'bigint' ? 'number' : typeof value, 'scalar']
  if ((typeof value === 'bigint' ? 'number' : typeof value) === type && typeof value !== 'object') return
  // of a number Kubernetes tells what it is instead
  if (type === 'number') return void walk.mistakes.push(said(path, `expected ${word}, got ${goTypeOf(value)}`))
  const shown = typeof value === 'object' ? goText(value) : JSON.stringify(value)
  walk.mistakes.push(said(path, `expected ${word}, got &value.valueUnstructured{Value:${shown}}`))
}

const said = (path: string, sentence: string): string => (path ? `${path}: ${sentence}` : sentence)
