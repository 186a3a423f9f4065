import { setOwn } from '../base/json.ts'
import { lookup } from '../kinds/lookup.ts'
import { notAcceptable } from '../kinds/status-error.ts'

/** How a client wants its answer. */
export interface Wanted {
  readonly format: 'json' | 'yaml' | 'protobuf'
  /** The answer transformed, such as to a Table. */
  readonly as?: string
  /** Group and version of that form. */
  readonly apiVersion?: string
}

/** Whether an endpoint can answer so. */
export type Answers = (wanted: Wanted) => boolean

export interface MediaRange {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What a body may be in, and an answer come in. */
export const mediaTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'] as const

/** What a watch can be in. */
export const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'] as const

/** The ranges of an Accept header in the order in which goautoneg, by which Kubernetes negotiates, looks at them; what is no range is left out. */
export function parseAccept(header: string | undefined): MediaRange[] {
  if (!header) return [{ type: '*/*', parameters: {} }]
  const ranges: Weighed[] = []
  for (const part of header.split(',')) {
    const range = parseRange(part)
    if (!range) continue
    // Go sorts a few by inserting them one by one, and the order of some depends on that
    let at = ranges.length
    while (at > 0 && isBefore(range, ranges[at - 1]!)) at--
    ranges.splice(at, 0, range)
  }
  return ranges
}

interface Weighed extends MediaRange {
  readonly quality: number
}

function parseRange(text: string): Weighed | undefined {
  const [name = '', ...rest] = text.split(';')
  const [type = '', subtype = '', ...more] = name.split('/').map(withoutSpaces)
  if (more.length > 0 || (subtype === '' && type !== '*')) return undefined
  const parameters: Record<string, string> = {}
  let quality = 1
  for (const [key = '', value = '', again] of rest.map((each) => each.split('='))) {
    if (value === '' || again) continue
    const token = withoutSpaces(key)
    if (token === 'q') quality = decimal.test(value) ? Number(value) : 0
    else setOwn(parameters, token, withoutSpaces(value))
  }
  return { type: `${type}/${subtype || '*'}`, parameters, quality }
}

/** What Go reads as a number, but for what nobody sends. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

const withoutSpaces = (text: string): string => text.replace(/^ +| +$/g, '')

/** As goautoneg says it, where a wildcard comes last whatever its weight. */
function isBefore(a: Weighed, b: Weighed): boolean {
  const anyType = ({ type }: Weighed): boolean => type.startsWith('*/')
  const anySubtype = ({ type }: Weighed): boolean => type.endsWith('/*')
  return a.quality > b.quality || (!anyType(a) && anyType(b)) || (!anySubtype(a) && anySubtype(b))
}

const token = "[^\\s()<>@,;:\\\\\"/[\\]?=\\x00-\\x1f\\x7f-\\uffff]+"
const parameter = new RegExp(`^;\\s*(${token})\\s*=\\s*(?:(${token})|"((?:[^"\\\\]|\\\\.)*)")\\s*`)
const mediaTypeAlone = new RegExp(`^${token}(?:/${token})?$`)

/** The media type that a Content-Type names, as Go's mime package reads it; undefined where it is malformed. */
export function mediaTypeOf(contentType: string): string | undefined {
  const [head = ''] = contentType.split(';')
  const type = head.trim().toLowerCase()
  if (!mediaTypeAlone.test(type)) return undefined
  const values = new Map<string, string>()
  let rest = contentType.slice(head.length).trim()
  while (rest !== '' && rest !== ';') {
    const [whole, name = '', plain, quoted = ''] = parameter.exec(rest) ?? []
    if (whole === undefined) return undefined
    const value = plain ?? quoted.replace(/\\(.)/g, '$1')
    if ((values.get(name.toLowerCase()) ?? value) !== value) return undefined
    values.set(name.toLowerCase(), value)
    rest = rest.slice(whole.length)
  }
  return type
}

const formats: Readonly<Record<string, Wanted['format']>> = {
  'application/json': 'json', '*/*': 'json', 'application/*': 'json', 'application/yaml': 'yaml', 'application/vnd.kubernetes.protobuf': 'protobuf',
}

const untransformed: Answers = ({ as }) => as === undefined

/**
 * The first range of the header that can be answered; any other falls through to the next.
 *
 * @param answers  what the endpoint can do; only whole objects unless said
 * @throws StatusError 406 when there is none
 */
export function negotiate(header: string | undefined, answers: Answers = untransformed): Wanted {
  const wanted = firstOf(header, answers)
  if (!wanted) throw notAcceptable(mediaTypes)
  return wanted
}

/** The same, undefined when there is none. */
export function firstOf(header: string | undefined, answers: Answers = untransformed): Wanted | undefined {
  // what most clients send needs no parsing
  const plain = header === undefined ? 'json' : lookup(formats, header)
  if (plain && answers({ format: plain })) return { format: plain }
  return parseAccept(header).flatMap(wantedOf).find(answers)
}

function wantedOf({ type, parameters }: MediaRange): Wanted[] {
  const format = Object.hasOwn(formats, type) ? formats[type] : undefined
  const { as, g, v, stream = '', sv = 'v1' } = parameters
  // only watches are streams, and none of them is YAML
  if (!format || sv !== 'v1' || (stream !== '' && (stream !== 'watch' || format === 'yaml'))) return []
  return [as === undefined && g === undefined && v === undefined ? { format } : { format, as: as ?? '', apiVersion: `${g ?? ''}/${v ?? ''}` }]
}
