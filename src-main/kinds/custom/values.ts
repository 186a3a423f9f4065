import { goQuoted, inGoOrder } from '../../base/go-text.ts'
import { equalJson } from '../../base/json.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { isObject, jsonType } from '../schema-values.ts'
import { formatOf, hasFormat } from './formats.ts'
import { additionalOf, isIntOrString, itemsOf, type JsonSchema, objectFields, propertyOf } from './json-schema.ts'
import { isWhole, numberMistakes } from './numbers.ts'
import { matches } from './patterns.ts'
import { isUnchanged } from './unchanged.ts'

/** As many as are told of one object. */
const maxMistakes = 1000

/** One look at a value, as kube-openapi's validation takes it: everything is looked at, whatever else is wrong with it. */
interface Walk {
  /** Below what is looked at: names and indexes, with an empty name where kube-openapi begins a path with a dot. */
  readonly steps: Array<string | number>
  /** What the paths are told below; the sentences are not. */
  readonly root: FieldPath
  readonly errors: FieldError[]
  /** Of a default Kubernetes does not ask whether it is a number or a text where it may be both. */
  readonly isDefault: boolean
  /** How much was right, by which the alternative is chosen that came nearest. */
  matches: number
}

const walkFrom = (root = new FieldPath(), isDefault = false): Walk => ({ steps: [], root, isDefault, errors: [], matches: 0 })

/**
 * Everything wrong with an object by its CRD's schema, in Kubernetes' sentences. With `old`, what is as it was is not
 * looked at: a schema that became stricter does not keep people from changing the rest.
 */
export function checkCustom(schema: JsonSchema, object: object, old?: object): FieldError[] {
  const walk = walkFrom()
  check(walk, atRoot(schema), withoutEmptyName(object), old)
  return onceEach(walk.errors)
}

/** The same of an object's status alone, which the sentences speak of as if it were the whole. */
export function checkStatus(schema: JsonSchema, object: object, old: object): FieldError[] {
  const described = propertyOf(schema, 'status')
  const { status } = object as { status?: unknown }
  if (!described || status === undefined) return []
  const walk = walkFrom(new FieldPath().child('status'))
  check(walk, described, status, (old as { status?: unknown }).status)
  return onceEach(walk.errors)
}

/** Whether a default fits its own schema; paths begin at the default. */
export function checkValue(schema: JsonSchema, value: unknown, at: FieldPath): FieldError[] {
  const walk = walkFrom(at, true)
  check(walk, schema, value, undefined)
  return onceEach(walk.errors)
}

/** kube-openapi tells a sentence once. */
function onceEach(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>()
  return errors.filter(({ field, message }) => !seen.has(`${field} ${message}`) && seen.add(`${field} ${message}`))
}

const roots = new WeakMap<JsonSchema, JsonSchema>()

/** Of the metadata a CRD may restrict the names alone. */
function atRoot(schema: JsonSchema): JsonSchema {
  const metadata = propertyOf(schema, 'metadata')
  if (!metadata) return schema
  let root = roots.get(schema)
  if (!root) {
    const names = Object.entries(metadata.properties ?? {}).filter(([name]) => name === 'name' || name === 'generateName')
    roots.set(schema, (root = { ...schema, properties: { ...schema.properties, metadata: { type: 'object', properties: Object.fromEntries(names) } } }))
  }
  return root
}

/** A name that has not been given is none. */
function withoutEmptyName(object: object): object {
  const { metadata } = object as { metadata?: Record<string, unknown> }
  if (metadata?.name !== '') return object
  const { name: _name, ...rest } = metadata
  return { ...object, metadata: rest }
}

function check(walk: Walk, schema: JsonSchema, value: unknown, old: unknown): void {
  if (walk.errors.length >= maxMistakes) return
  if (old === undefined || !isUnchanged(schema, value, old)) checkAnew(walk, schema, value, old)
}

function checkAnew(walk: Walk, schema: JsonSchema, value: unknown, old: unknown): void {
  const format = formatOf(schema)
  checkType(walk, schema, value, format)
  if (value === null) return checkEnum(walk, schema, value)
  walk.matches += 4
  checkCombinations(walk, schema, value, old)
  if (typeof value === 'string') checkText(walk, schema, value, format)
  else if (typeof value === 'number' || typeof value === 'bigint') checkNumber(walk, schema, value, format)
  else if (Array.isArray(value)) checkItems(walk, schema, value, old)
  checkEnum(walk, schema, value)
  if (isObject(value)) checkFields(walk, schema, value, old)
}

/** In the sentences, where a path may begin with a dot. */
const subject = ({ steps }: Walk): string => steps.reduce<string>((path, step, i) => (typeof step === 'number' ? `${path}[${step}]` : i === 0 ? step : `${path}.${step}`), '')

const below = ({ root }: Walk, path: string): FieldPath => (path === '' ? root : root.child(path.replace(/^\./, '')))
const at = (walk: Walk): FieldPath => below(walk, subject(walk))
const wrong = (walk: Walk, value: unknown, sentence: string): void => void walk.errors.push(at(walk).invalid(value, `${subject(walk)} in body ${sentence}`))
/** Kubernetes names no field here but in the sentence. */
const nameless = ({ errors, root }: Walk, sentence: string): void => void errors.push(root.invalid('', sentence))

const wrongType = (walk: Walk, actual: string, wanted: string): void =>
  void walk.errors.push(at(walk).typeInvalid(actual, `${subject(walk)} in body must be of type ${wanted}: ${goQuoted(actual)}`))

function checkType(walk: Walk, schema: JsonSchema, value: unknown, format: string): void {
  const wanted = isIntOrString(schema) ? (walk.isDefault ? '' : 'integer,string') : (schema.type ?? '')
  if (!wanted && !format) return
  walk.matches++
  const actual = jsonType(value)
  if (value === null) return wanted && !schema.nullable ? wrongType(walk, actual, wanted) : void walk.matches++
  const wants = (type: string): boolean => wanted === type || (wanted === 'integer,string' && (type === 'integer' || type === 'string'))
  const fits = wants(actual) || (actual === 'number' ? wants('integer') && isWhole(value as number) : actual === 'integer' && wants('number'))
  const isTextOrList = typeof value === 'string' || Array.isArray(value)
  if (format && !isTextOrList && !fits) {
    const kept = goFormats[actual] ?? ''
    return kept === format ? wrongType(walk, actual, wanted) : wrongType(walk, kept, format)
  }
  // what has a format is not asked for its type, and no list has one
  if (fits || (format && isTextOrList && !wants('number') && !wants('integer'))) walk.matches++
  else wrongType(walk, actual, wanted)
}

/** As what Go holds a number. */
const goFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' }

/** Go converts the value to the type of what it compares it with. */
const isSame = (value: unknown, wished: unknown): boolean =>
  equalJson(value, wished) || (typeof value === 'number' && Number.isInteger(wished) && Math.trunc(value) === wished)

/** There may be hundreds of words, for each of thousands of values. */
const isAmong = (value: unknown, words: readonly unknown[]): boolean =>
  words.includes(value) || (typeof value !== 'string' && words.some((word) => isSame(value, word)))

function checkEnum(walk: Walk, { enum: words }: JsonSchema, value: unknown): void {
  if (!words?.length || (value !== null && isAmong(value, words))) return
  walk.errors.push(at(walk).notSupported(inGoOrder(value), words.map((word) => (typeof word === 'string' ? word : JSON.stringify(inGoOrder(word))))))
}

function checkText(walk: Walk, { minLength, maxLength, pattern }: JsonSchema, value: string, format: string): void {
  walk.matches++
  const long = maxLength !== undefined || minLength !== undefined ? [...value].length : 0
  // the first of these is said
  if (maxLength !== undefined && long > maxLength) walk.errors.push(at(walk).tooLong(maxLength))
  else if (minLength !== undefined && long < minLength) wrong(walk, value, `should be at least ${minLength} chars long`)
  else if (pattern && !matches(pattern, value)) wrong(walk, value, `should match '${pattern}'`)
  if (!format) return
  walk.matches++
  if (!hasFormat(format, value)) wrongType(walk, value, format)
}

function checkNumber(walk: Walk, schema: JsonSchema, value: number | bigint, format: string): void {
  walk.matches += 2
  for (const { of, sentence } of numberMistakes(schema, value, format, () => subject(walk))) {
    if (of === undefined) nameless(walk, sentence)
    else walk.errors.push(at(walk).invalid(of, sentence))
  }
}

function checkItems(walk: Walk, schema: JsonSchema, value: readonly unknown[], old: unknown): void {
  walk.matches += 2
  const { minItems, maxItems } = schema
  const items = itemsOf(schema)
  const before = previousItems(schema, old)
  if (items) value.forEach((item, i) => step(walk, i, items, item, before(item)))
  if (minItems !== undefined && value.length < minItems) wrong(walk, value.length, `should have at least ${minItems} items`)
  if (maxItems !== undefined && value.length > maxItems) walk.errors.push(at(walk).tooMany(value.length, maxItems))
}

/** The item of the old list that is the same one; only a list with keys says which that is. */
function previousItems(schema: JsonSchema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined
  const identity = (item: unknown): string => JSON.stringify(isObject(item) ? keys.map((key) => item[key]) : item)
  const known = new Map<string, unknown>(old.map((item: unknown) => [identity(item), item]))
  return (item) => known.get(identity(item)) ?? undefined
}

function checkFields(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, old: unknown): void {
  walk.matches++
  const { required = [], minProperties, maxProperties } = schema
  const names = Object.keys(value)
  if (minProperties !== undefined && names.length < minProperties) wrong(walk, names.length, `should have at least ${minProperties} properties`)
  if (maxProperties !== undefined && names.length > maxProperties) walk.errors.push(at(walk).tooMany(names.length, maxProperties))
  const before = isObject(old) ? old : {}
  const more = additionalOf(schema)
  for (const name of names) {
    const property = propertyOf(schema, name)
    // the type is not what the object was stored with
    const previous = Object.hasOwn(before, name) && (walk.steps.length > 0 || name === 'metadata' || !objectFields.has(name)) ? before[name] : undefined
    if (property) step(walk, name, property, value[name], previous)
    else if (typeof more === 'object') step(walk, walk.steps.length === 0 ? `.${name}` : name, more, value[name], previous)
    else if (schema.additionalProperties === false) walk.errors.push(at(walk).invalid(name, `${subject(walk)}.${name} in body is a forbidden property`))
  }
  for (const name of required) if (!Object.hasOwn(value, name)) walk.errors.push(below(walk, `${subject(walk)}.${name}`).required())
}

function step(walk: Walk, to: string | number, schema: JsonSchema, value: unknown, old: unknown): void {
  walk.steps.push(to)
  check(walk, schema, value, old)
  walk.steps.pop()
}

function checkCombinations(walk: Walk, schema: JsonSchema, value: unknown, old: unknown): void {
  walk.matches++
  if (!schema.anyOf?.length && !schema.oneOf?.length && !schema.allOf?.length && !schema.not) return
  const name = (): string => `${goQuoted(subject(walk))} must`
  const tryAll = (choices: readonly JsonSchema[]): Walk[] => choices.map((choice) => attempt(walk, choice, value, old))
  if (schema.anyOf?.length) {
    const tried = tryAll(schema.anyOf)
    const fine = tried.find(isFine)
    if (!fine) nameless(walk, `${name()} validate at least one schema (anyOf)`)
    merge(walk, fine ?? nearest(tried))
  }
  if (schema.oneOf?.length) {
    const tried = tryAll(schema.oneOf)
    const fine = tried.filter(isFine)
    if (fine.length !== 1) nameless(walk, `${name()} validate one and only one schema (oneOf). Found ${fine.length === 0 ? 'none valid' : `${fine.length} valid alternatives`}`)
    if (fine.length < 2) merge(walk, fine[0] ?? nearest(tried))
  }
  if (schema.allOf?.length) {
    const tried = tryAll(schema.allOf)
    for (const each of tried) merge(walk, each)
    if (!tried.every(isFine)) nameless(walk, `${name()} validate all the schemas (allOf)${tried.some(isFine) ? '' : '. None validated'}`)
  }
  if (schema.not && isFine(attempt(walk, schema.not, value, old))) nameless(walk, `${name()} not validate the schema (not)`)
}

function attempt(walk: Walk, schema: JsonSchema, value: unknown, old: unknown): Walk {
  const inner: Walk = { ...walk, steps: [...walk.steps], errors: [], matches: 0 }
  // the fields may be what they were, the whole is judged anew
  checkAnew(inner, schema, value, old)
  return inner
}

const isFine = ({ errors }: Walk): boolean => errors.length === 0

function merge(walk: Walk, tried: Walk): void {
  walk.errors.push(...tried.errors)
  walk.matches += tried.matches
}

/** The alternative of which most was right. */
const nearest = (tried: readonly Walk[]): Walk => tried.reduce((best, each) => (each.matches > best.matches ? each : best))
