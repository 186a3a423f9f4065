import { equalJson, parseJson } from '../../base/json.ts'
import { BadRegex, Regex } from '../../base/regex.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { isObject, jsonType } from '../schema-values.ts'
import { pathOf, type Step } from '../schemas.ts'
import { checkEmbedded } from './embedded.ts'
import { hasFormat } from './formats.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, objectFields, propertyOf } from './json-schema.ts'
import { isUnchanged } from './unchanged.ts'

/** Nobody reads further, and a hostile body cannot make a giant answer. */
const maxMistakes = 100

interface Walk {
  readonly steps: Step[]
  readonly errors: FieldError[]
  /** Of a default Kubernetes does not ask whether it is a number or a text where it may be both, nor whether its items are there once. */
  readonly isDefault?: boolean
}

/**
 * Everything wrong with an object by its CRD's schema, in Kubernetes' sentences. With `old`, what is as it was is not
 * looked at: a schema that became stricter does not keep people from changing the rest.
 */
export function checkCustom(schema: JsonSchema, object: object, old?: object): FieldError[] {
  const walk: Walk = { steps: [], errors: [] }
  check(walk, { ...schema, type: 'object' }, object, old, true)
  if (!old || !walk.errors.some(isDuplicate)) return walk.errors
  // lists that had items twice already may have them, wherever that was
  return checkCustom(schema, old).some(isDuplicate) ? walk.errors.filter((error) => !isDuplicate(error)) : walk.errors
}

const isDuplicate = ({ reason }: FieldError): boolean => reason === 'FieldValueDuplicate'

/** Whether a default fits its own schema. */
export function checkValue(schema: JsonSchema, value: unknown): FieldError[] {
  const walk: Walk = { steps: [], errors: [], isDefault: true }
  check(walk, schema, value, undefined, false)
  return walk.errors
}

function check(walk: Walk, schema: JsonSchema, value: unknown, old: unknown, isRoot = false): void {
  if (walk.errors.length >= maxMistakes) return
  if (old !== undefined && isUnchanged(schema, value, old)) return
  if (value === null && schema.nullable) return
  const wanted = walk.isDefault && isIntOrString(schema) ? undefined : wantedType(schema)
  if (wanted !== undefined && !isOf(wanted, value)) return wrongType(walk, wanted, value, schema.format)
  if (value === null) return
  checkEnum(walk, schema, value)
  if (typeof value === 'string') checkText(walk, schema, value)
  else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(walk, schema, value)
  else if (Array.isArray(value)) checkItems(walk, schema, value, old)
  else if (isObject(value)) checkFields(walk, schema, value, old, isRoot)
  checkCombinations(walk, schema, value)
}

const wantedType = (schema: JsonSchema): string | undefined => (isIntOrString(schema) ? 'integer,string' : schema.type || undefined)

function isOf(wanted: string, value: unknown): boolean {
  const actual = jsonType(value)
  return wanted.split(',').includes(actual) || (wanted === 'number' && actual === 'integer')
}

const subject = (path: FieldPath): string => (path.toString() === '<nil>' ? '' : path.toString())
const at = (walk: Walk): FieldPath => pathOf(walk.steps)
const wrong = (walk: Walk, value: unknown, sentence: string): void =>
  void walk.errors.push(at(walk).invalid(value, `${subject(at(walk))} in body ${sentence}`))

function wrongType(walk: Walk, wanted: string, value: unknown, format = ''): void {
  const isFraction = wanted === 'integer' && typeof value === 'number'
  const [actual, type] = isFraction && format ? ['float64', format] : [jsonType(value), wanted]
  walk.errors.push(at(walk).typeInvalid(actual, `${subject(at(walk))} in body must be of type ${type}: ${JSON.stringify(actual)}`))
  if (isFraction) outOfFormat(walk, wanted, format)
}

/** Kubernetes names no field here but in the sentence. */
const nameless = (walk: Walk, sentence: string): void => void walk.errors.push(new FieldPath().invalid('', sentence))
const outOfFormat = (walk: Walk, type: string, format: string): void =>
  nameless(walk, `Checked value must be of type ${type} ${format ? `with format ${format}` : '(default format)'} in ${subject(at(walk))}`)

/** The formats of numbers that not every number fits. */
const largest: Readonly<Record<string, number>> = { int32: 2 ** 31 - 1, float: 3.4028234663852886e38 }
const smallest: Readonly<Record<string, number>> = { int32: -(2 ** 31), float: -3.4028234663852886e38 }

function checkEnum(walk: Walk, schema: JsonSchema, value: unknown): void {
  if (!schema.enum || schema.enum.some((each) => equalJson(each, value))) return
  walk.errors.push(at(walk).notSupported(value, schema.enum.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))))
}

function checkText(walk: Walk, { minLength, maxLength, pattern, format }: JsonSchema, value: string): void {
  const long = maxLength !== undefined || minLength !== undefined ? [...value].length : 0
  // the first of these is said
  if (maxLength !== undefined && long > maxLength) walk.errors.push(at(walk).tooLong(maxLength))
  else if (minLength !== undefined && long < minLength) wrong(walk, value, `should be at least ${minLength} chars long`)
  else if (pattern && !matches(pattern, value)) wrong(walk, value, `should match '${pattern}'`)
  if (format && !hasFormat(format, value)) walk.errors.push(at(walk).typeInvalid(value, `${subject(at(walk))} in body must be of type ${format}: ${JSON.stringify(value)}`))
}

const regexes = new Map<string, Regex | undefined>()
const maxRegexes = 2000

function matches(pattern: string, value: string): boolean {
  if (!regexes.has(pattern)) {
    if (regexes.size >= maxRegexes) regexes.clear()
    regexes.set(pattern, compiled(pattern))
  }
  // a CRD with a pattern that does not compile was never accepted
  return regexes.get(pattern)?.test(value) ?? true
}

function compiled(pattern: string): Regex | undefined {
  try {
    return new Regex(pattern)
  } catch (error) {
    if (error instanceof BadRegex) return undefined
    throw error
  }
}

function checkNumber(walk: Walk, schema: JsonSchema, value: number | bigint): void {
  const { type = '', format = '', minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (Object.hasOwn(largest, format) && (value > largest[format]! || value < smallest[format]!)) outOfFormat(walk, type, format)
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    wrong(walk, value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    wrong(walk, value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  }
  if (multipleOf && !isMultiple(value, multipleOf)) wrong(walk, value, `should be a multiple of ${multipleOf}`)
}

/** Exactly, where both are whole. */
const isMultiple = (value: number | bigint, of: number | bigint): boolean =>
  Number.isInteger(Number(of)) && (typeof value === 'bigint' || typeof of === 'bigint')
    ? Number.isInteger(Number(value)) && BigInt(value) % BigInt(of) === 0n
    : Number.isInteger(Number(value) / Number(of))

function checkItems(walk: Walk, schema: JsonSchema, value: readonly unknown[], old: unknown): void {
  const { minItems, maxItems } = schema
  if (maxItems !== undefined && value.length > maxItems) walk.errors.push(at(walk).tooMany(value.length, maxItems))
  if (minItems !== undefined && value.length < minItems) wrong(walk, value.length, `should have at least ${minItems} items`)
  const items = itemsOf(schema)
  const before = previousItems(schema, old)
  if (items) value.forEach((item, i) => below(walk, i, items, item, before(item)))
  if (!walk.isDefault) checkDuplicates(walk, schema, value)
}

/** The item of the old list that is the same one; only a list with keys says which that is. */
function previousItems(schema: JsonSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined
  const known = new Map<string, unknown>(old.map((item: unknown) => [identity(keys, item), item]))
  return (item) => known.get(identity(keys, item))
}

const identity = (keys: readonly string[], item: unknown): string =>
  JSON.stringify(isObject(item) ? Object.fromEntries(keys.map((key) => [key, item[key]])) : item)

function checkDuplicates(walk: Walk, schema: JsonSchema, value: readonly unknown[]): void {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  value.forEach((item, i) => {
    const name = type === 'set' ? JSON.stringify(item) : identity(keys, item)
    if (seen.has(name)) walk.errors.push(pathOf([...walk.steps, i]).duplicate(parseJson(name)))
    seen.add(name)
  })
}

function checkFields(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, old: unknown, isRoot: boolean): void {
  const { required = [], minProperties, maxProperties } = schema
  const count = Object.keys(value).length
  if (maxProperties !== undefined && count > maxProperties) walk.errors.push(at(walk).tooMany(count, maxProperties))
  if (minProperties !== undefined && count < minProperties) wrong(walk, count, `should have at least ${minProperties} properties`)
  for (const name of required) {
    if (!Object.hasOwn(value, name)) walk.errors.push(pathOf([...walk.steps, name]).required())
  }
  if (isEmbedded(schema) && !isRoot) walk.errors.push(...checkEmbedded(value, at(walk)))
  const before = isObject(old) ? old : {}
  const more = additionalOf(schema)
  for (const name of Object.keys(value)) {
    const property = propertyOf(schema, name)
    const child = isRoot && name === 'metadata' ? metadataRules(property) : property
    const previous = Object.hasOwn(before, name) ? before[name] : undefined
    if (child) below(walk, name, child, value[name], previous)
    else if (typeof more === 'object' && !(isRoot && objectFields.has(name))) below(walk, name, more, value[name], previous)
  }
}

/** Of the metadata a CRD may restrict the names alone. */
function metadataRules(schema: JsonSchema | undefined): JsonSchema | undefined {
  if (!schema?.properties) return undefined
  const names = Object.entries(schema.properties).filter(([name]) => name === 'name' || name === 'generateName')
  return { type: 'object', properties: Object.fromEntries(names) }
}

function below(walk: Walk, step: Step, schema: JsonSchema, value: unknown, old: unknown): void {
  walk.steps.push(step)
  check(walk, schema, value, old)
  walk.steps.pop()
}

function checkCombinations(walk: Walk, schema: JsonSchema, value: unknown): void {
  const name = `${JSON.stringify(subject(at(walk)))} must`
  const say = (sentence: string): void => nameless(walk, `${name} ${sentence}`)
  const tryAll = (choices: readonly JsonSchema[]): FieldError[][] => choices.map((choice) => attempt(walk, choice, value))
  if (schema.anyOf?.length) {
    const tried = tryAll(schema.anyOf)
    if (!tried.some((errors) => errors.length === 0)) {
      say('validate at least one schema (anyOf)')
      walk.errors.push(...fewest(tried))
    }
  }
  if (schema.oneOf?.length) {
    const tried = tryAll(schema.oneOf)
    const fine = tried.filter((errors) => errors.length === 0).length
    if (fine !== 1) say(`validate one and only one schema (oneOf). Found ${fine === 0 ? 'none valid' : `${fine} valid alternatives`}`)
    if (fine === 0) walk.errors.push(...fewest(tried))
  }
  if (schema.allOf?.length) {
    const tried = tryAll(schema.allOf)
    const failed = tried.flat()
    if (failed.length > 0) say(`validate all the schemas (allOf)${tried.every((errors) => errors.length > 0) ? '. None validated' : ''}`)
    walk.errors.push(...failed)
  }
  if (schema.not && attempt(walk, schema.not, value).length === 0) say('not validate the schema (not)')
}

function attempt(walk: Walk, schema: JsonSchema, value: unknown): FieldError[] {
  const inner: Walk = { ...walk, steps: [...walk.steps], errors: [] }
  check(inner, schema, value, undefined)
  return inner.errors
}

/** What the alternative that came nearest says. */
const fewest = (tried: readonly FieldError[][]): FieldError[] => tried.reduce((best, errors) => (errors.length < best.length ? errors : best))
