import { isJsonObject, type JsonObject } from '../../../base/json.ts'
import { lookup } from '../../../kinds/lookup.ts'

/** One operation of a JSON patch; `value` is absent where it has none. */
export interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

/** What a path names: the member or the item of what holds it. Undefined where nothing does. */
interface Place {
  readonly holder: JsonObject | readonly unknown[]
  readonly name: string
}

const missing = 'missing value'
const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')

/** Whatever stands before the first slash is nobody's; an index below zero counts from the end. */
function placeOf(document: unknown, path: string): Place | undefined {
  const [, ...steps] = path.split('/')
  const last = steps.pop()
  if (last === undefined) return undefined
  let at: unknown = document
  for (const step of steps) at = Array.isArray(at) ? at[indexIn(at, step) ?? -1] : isJsonObject(at) ? lookup(at, unescaped(step)) : undefined
  return Array.isArray(at) || isJsonObject(at) ? { holder: at, name: unescaped(last) } : undefined
}

function indexIn(list: readonly unknown[], step: string): number | undefined {
  const index = /^-?\d+$/.test(step) ? Number(step) : NaN
  const found = index < 0 ? index + list.length : index
  return found >= 0 && found < list.length ? found : undefined
}

/** What is wrong with taking what a path names. */
function absent({ holder, name }: Place, act: 'get' | 'remove'): string | undefined {
  if (!Array.isArray(holder)) return Object.hasOwn(holder, name) ? undefined : `unable to ${act} nonexistent key: ${name}: ${missing}`
  if (!/^[-+]?\d+$/.test(name)) return `strconv.Atoi: parsing ${JSON.stringify(name)}: invalid syntax`
  return indexIn(holder, name) === undefined ? `Unable to access invalid index: ${Number(name)}: invalid index referenced` : undefined
}

/** What is wrong with adding under a name. */
function noRoom({ holder, name }: Place): string | undefined {
  if (!Array.isArray(holder) || name === '-') return undefined
  if (!/^[-+]?\d+$/.test(name)) return `value was not a proper array index: '${name}': strconv.Atoi: parsing ${JSON.stringify(name)}: invalid syntax`
  return Number(name) > holder.length || Number(name) < -(holder.length + 1) ? `Unable to access invalid index: ${Number(name)}: invalid index referenced` : undefined
}

/** How long what a path names is as JSON; 0 for nothing. */
export function sizeAt(document: unknown, path: string): number {
  const place = placeOf(document, path)
  if (!place || absent(place, 'get')) return 0
  const { holder, name } = place
  const value: unknown = isJsonObject(holder) ? lookup(holder, name) : holder[indexIn(holder, name)!]
  return JSON.stringify(value)?.length ?? 0
}

/** Why an operation cannot be done to a document, in the words of the library that Kubernetes uses; undefined when it can. */
export function whyNot(document: unknown, { op, path, from }: Operation): string | undefined {
  const place = placeOf(document, path)
  switch (op) {
    case 'add':
      return place ? within(`error in add for path: '${path}'`, noRoom(place)) : `add operation does not apply: doc is missing path: "${path}": ${missing}`
    case 'remove':
      return place ? within(`error in remove for path: '${path}'`, absent(place, 'remove')) : `remove operation does not apply: doc is missing path: "${path}": ${missing}`
    case 'replace':
      if (path === '') return undefined
      if (!place) return `replace operation does not apply: doc is missing path: ${path}: ${missing}`
      return absent(place, 'get') && `replace operation does not apply: doc is missing key: ${path}: ${missing}`
    case 'move': case 'copy': {
      if (from === undefined) return `${op} operation failed to decode from: operation, missing from field: ${missing}`
      const source = placeOf(document, from)
      if (!source) return `${op} operation does not apply: doc is missing from path: ${from}: ${missing}`
      const gone = absent(source, 'get')
      if (gone) return op === 'move' ? `error in move for path: '${source.name}': ${gone}` : `error in copy for from: '${from}': ${gone}`
      const goesWithIt = op === 'move' && path.startsWith(`${from}/`)
      if (!place || goesWithIt) return `${op} operation does not apply: doc is missing destination path: ${path}: ${missing}`
      return within(op === 'move' ? `error in move for path: '${path}'` : 'error while adding value during copy', noRoom(place))
    }
    case 'test':
      return place || path === '' ? undefined : `test operation does not apply: is missing path: ${path}: ${missing}`
    default:
      return `Unexpected kind: ${op}`
  }
}

const within = (where: string, wrong: string | undefined): string | undefined => wrong && `${where}: ${wrong}`

/** The operation with paths as the RFC has them. */
export function plainly(document: unknown, operation: Operation): Operation {
  const isNew = operation.op === 'add' || operation.op === 'copy' || operation.op === 'move'
  return { ...operation, path: plainPath(document, operation.path, isNew), ...(operation.from === undefined ? {} : { from: plainPath(document, operation.from, false) }) }
}

function plainPath(document: unknown, path: string, isNew: boolean): string {
  const steps = path.split('/').slice(1)
  let at: unknown = document
  for (const [i, step] of steps.entries()) {
    if (Array.isArray(at) && /^-\d+$/.test(step)) steps[i] = String(at.length + Number(step) + (isNew && i === steps.length - 1 ? 1 : 0))
    at = Array.isArray(at) ? at[Number(steps[i])] : isJsonObject(at) ? lookup(at, unescaped(step)) : undefined
  }
  return steps.map((step) => `/${step}`).join('')
}
