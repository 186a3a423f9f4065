import { parseFieldSelector, parseSelector, type Selector } from '../base/selector.ts'
import { field } from '../kinds/field-error.ts'
import { badRequest, invalid } from '../kinds/status-error.ts'
import { checkDelete } from './delete-options.ts'
import type { DeleteRequest, ListRequest } from './verbs.ts'

/** What a request's query says, checked; meta/v1 ListOptions, CreateOptions, PatchOptions and DeleteOptions. */
export interface RequestOptions extends ListRequest {
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
  readonly dryRun: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** Absent unless said: only apply has it. */
  readonly force?: boolean
  readonly pretty: boolean
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly deletion: DeleteRequest
}

/** @throws StatusError 400 or 422, as the API server answers the same mistake */
export function parseOptions(query: URLSearchParams): RequestOptions {
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
    dryRun: dryRun(query),
    fieldManager: fieldManager(query),
    fieldValidation: oneOf(query, 'fieldValidation', ['Ignore', 'Strict', 'Warn']),
    force: flag(query, 'force'),
    pretty: flag(query, 'pretty') ?? false,
    includeObject: oneOf(query, 'includeObject', ['Metadata', 'None', 'Object']) ?? 'Metadata',
    deletion: deletion(query),
  }
  checkInitialEvents(options)
  return options
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
  if (text === null || text === '') return undefined
  if (!/^[-+]?\d{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** Everything but `false` and `0` is true, as apimachinery reads a query's booleans. */
function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  return text === null ? undefined : !['false', '0'].includes(text.toLowerCase())
}

const about = (name: string) => ({ group: 'meta.k8s.io', plural: name.toLowerCase(), kind: name })

function dryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '')
  checkDryRun(values)
  return values.length > 0
}

export function checkDryRun(values: readonly unknown[]): void {
  const wrong = values.find((value) => value !== 'All')
  if (wrong !== undefined) throw invalid(about('CreateOptions'), '', [field('dryRun').notSupported(wrong, ['All'])])
}

function oneOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[]): T | undefined {
  const text = query.get(name)
  if (!text) return undefined
  if ((allowed as readonly string[]).includes(text)) return text as T
  throw invalid(about('CreateOptions'), '', [field(name).notSupported(text, allowed)])
}

/** apimachinery's FieldManagerMaxLength */
const maxManagerBytes = 128

function fieldManager(query: URLSearchParams): string | undefined {
  const name = query.get('fieldManager') ?? undefined
  if (name === undefined) return undefined
  const at = field('fieldManager')
  const errors = Buffer.byteLength(name) > maxManagerBytes ? [at.tooLong(maxManagerBytes)] : []
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(name)) errors.push(at.invalid(name, 'should only contain printable characters'))
  if (errors.length > 0) throw invalid(about('CreateOptions'), '', errors)
  return name
}

function deletion(query: URLSearchParams): DeleteRequest {
  const request = {
    gracePeriodSeconds: integer(query, 'gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: flag(query, 'orphanDependents'),
  }
  checkDelete(request)
  return request
}

/** As apimachinery's ValidateListOptions: a streaming list says which state it starts from. */
function checkInitialEvents(options: RequestOptions): void {
  if (!options.watch) return
  const match = field('resourceVersionMatch')
  const errors = []
  if (options.sendInitialEvents !== undefined && options.resourceVersionMatch !== 'NotOlderThan') {
    errors.push(match.forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (options.sendInitialEvents && !options.allowWatchBookmarks) {
    errors.push(field('sendInitialEvents').forbidden('sendInitialEvents requires allowWatchBookmarks to be set to true'))
  }
  if (options.sendInitialEvents === undefined && options.resourceVersionMatch) {
    errors.push(match.forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (errors.length > 0) throw invalid(about('ListOptions'), '', errors)
}
