import { parseFieldSelector, type Selector } from '../base/selector.ts'
import { field } from '../kinds/field-error.ts'
import { parseSelector } from '../kinds/selector-text.ts'
import { badRequest, invalid } from '../kinds/status-error.ts'
import type { DeleteRequest, ListRequest } from './verbs.ts'

/** What a request's query says, checked; meta/v1 ListOptions, CreateOptions, PatchOptions and DeleteOptions. */
export interface RequestOptions extends ListRequest {
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly timeoutSeconds?: number
  readonly dryRun: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** Absent unless said: only apply has it. */
  readonly force?: boolean
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly deletion: DeleteRequest
}

/** What the options of a write are called; a read has none of them. */
const writeOptions: Readonly<Record<string, string>> = { POST: 'CreateOptions', PUT: 'UpdateOptions', PATCH: 'PatchOptions', DELETE: 'DeleteOptions' }

/** @throws StatusError 400 or 422, as the API server answers the same mistake */
export function parseOptions(query: URLSearchParams, method = 'GET'): RequestOptions {
  return query.size === 0 ? noOptions : readOptions(query, method)
}

function readOptions(query: URLSearchParams, method: string): RequestOptions {
  const kind = Object.hasOwn(writeOptions, method) ? writeOptions[method] : undefined
  const options: RequestOptions = {
    labelSelector: selector(query, 'labelSelector', parseSelector),
    fieldSelector: selector(query, 'fieldSelector', parseFieldSelector),
    limit: integer(query, 'limit'),
    continue: query.get('continue') ?? undefined,
    resourceVersion: query.get('resourceVersion') ?? undefined,
    resourceVersionMatch: query.get('resourceVersionMatch') ?? undefined,
    watch: flag(query, 'watch') ?? false,
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: flag(query, 'sendInitialEvents'),
    timeoutSeconds: integer(query, 'timeoutSeconds'),
    dryRun: kind !== undefined && dryRun(query, kind),
    ...(kind === undefined || method === 'DELETE' ? {} : { fieldManager: fieldManager(query, kind), fieldValidation: fieldValidation(query, kind) }),
    force: flag(query, 'force'),
    includeObject: includeObject(query),
    deletion: deletion(query),
  }
  return options.watch && method === 'GET' ? watchOptions(options) : options
}

function selector(query: URLSearchParams, name: string, parse: (text: string) => Selector): Selector | undefined {
  const text = query.get(name)
  if (!text) return undefined
  try {
    return parse(text)
  } catch (error) {
    throw badRequest((error as Error).message)
  }
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const wrong = (what: string) => badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${what}`)
  if (!/^[-+]?\d+$/.test(text)) throw wrong('invalid syntax')
  const value = Number(text)
  if (value >= 2 ** 63 || value < -(2 ** 63)) throw wrong('value out of range')
  return value
}

/** Everything but `false` and `0` is true, as apimachinery reads a query's booleans. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  return text === null ? undefined : !['false', '0'].includes(text.toLowerCase())
}

const about = (name: string) => ({ group: 'meta.k8s.io', plural: name.toLowerCase(), kind: name })

function dryRun(query: URLSearchParams, kind: string): boolean {
  const values = query.getAll('dryRun')
  checkDryRun(values, kind)
  return values.length > 0
}

export function checkDryRun(values: readonly unknown[], kind: string): void {
  if (values.some((value) => value !== 'All')) throw invalid(about(kind), '', [field('dryRun').notSupported(values, ['All'])])
}

const oneOf = <T extends string>(text: string, allowed: readonly T[]): T | undefined => allowed.find((each) => each === text)

function fieldValidation(query: URLSearchParams, kind: string): RequestOptions['fieldValidation'] {
  const text = query.get('fieldValidation')
  if (!text) return undefined
  const known = ['Ignore', 'Strict', 'Warn'] as const
  const found = oneOf(text, known)
  if (found) return found
  throw invalid(about(kind), '', [field('fieldValidation').notSupported(text, ['', ...known])])
}

function includeObject(query: URLSearchParams): RequestOptions['includeObject'] {
  const text = query.get('includeObject') || 'Metadata'
  const found = oneOf(text, ['Metadata', 'None', 'Object'])
  if (found) return found
  const mistake = field('includeObject').invalid(text, "must be 'Metadata', 'Object', 'None', or empty")
  throw badRequest(`Unable to convert to Table as requested: ${mistake.field}: ${mistake.message}`)
}

/** As Go's unicode.IsPrint has it. */
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** apimachinery's FieldManagerMaxLength */
const maxManagerBytes = 128

function fieldManager(query: URLSearchParams, kind: string): string | undefined {
  const name = query.get('fieldManager') ?? undefined
  if (name === undefined) return undefined
  const at = field('fieldManager')
  const errors = Buffer.byteLength(name) > maxManagerBytes ? [at.tooLong(maxManagerBytes)] : []
  ;[...name].forEach((character, i) => {
    if (printable.test(character)) return
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    errors.push(at.invalid(name, `invalid character U+${code} (at position ${i})`))
  })
  if (errors.length > 0) throw invalid(about(kind), '', errors)
  return name
}

function deletion(query: URLSearchParams): DeleteRequest {
  const [uid, resourceVersion] = [query.get('uid'), query.get('resourceVersion')]
  return {
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: flag(query, 'orphanDependents'),
    ...(uid || resourceVersion ? { preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } } : {}),
  }
}

/** Whoever does not say where a watch begins is sent what there is, and is told of its end. */
function watchOptions(given: RequestOptions): RequestOptions {
  const { resourceVersion = '', sendInitialEvents, resourceVersionMatch } = given
  const anywhere = sendInitialEvents === undefined && !resourceVersionMatch && (resourceVersion === '' || resourceVersion === '0')
  const options = anywhere ? { ...given, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' } : given
  checkWatchOptions(options)
  return options
}

/** As apimachinery's ValidateListOptions has it of a watch: a streaming list says which state it starts from. */
function checkWatchOptions({ sendInitialEvents, resourceVersionMatch = '', continue: token }: RequestOptions): void {
  const match = field('resourceVersionMatch')
  const errors = []
  if (sendInitialEvents !== undefined && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(match.forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (resourceVersionMatch !== '') {
    if (sendInitialEvents === undefined) errors.push(match.forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
    if (resourceVersionMatch !== 'NotOlderThan') errors.push(match.notSupported(resourceVersionMatch, ['NotOlderThan']))
    if (token) errors.push(match.forbidden('resourceVersionMatch is forbidden when continue is provided'))
  }
  if (errors.length > 0) throw invalid(about('ListOptions'), '', errors)
}

/** What no query says: most requests. */
const noOptions: RequestOptions = Object.freeze(readOptions(new URLSearchParams(), 'GET'))
