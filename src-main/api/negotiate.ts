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

/** The ranges of an Accept header, the most wanted first. */
export function parseAccept(header: string | undefined): MediaRange[] {
  const ranges = (header ?? '').split(',').map(parseMediaType).filter(({ type }) => type !== '')
  if (ranges.length === 0) return [{ type: '*/*', parameters: {} }]
  const quality = ({ parameters }: MediaRange) => (parameters['q'] === undefined ? 1 : Number(parameters['q']) || 0)
  const wild = ({ type }: MediaRange) => Number(type.endsWith('*'))
  return ranges.filter((range) => quality(range) > 0).sort((a, b) => quality(b) - quality(a) || wild(a) - wild(b))
}

export function parseMediaType(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';')
  const parameters: Record<string, string> = {}
  for (const part of rest) {
    const equals = part.indexOf('=')
    if (equals > 0) parameters[part.slice(0, equals).trim().toLowerCase()] = part.slice(equals + 1).trim().replace(/^"|"$/g, '')
  }
  return { type: type.trim().toLowerCase(), parameters }
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
  const { as, g, v, stream = '' } = parameters
  // only watches are streams, and none of them is YAML
  if (!format || (stream !== '' && (stream !== 'watch' || format === 'yaml'))) return []
  return [as === undefined && g === undefined && v === undefined ? { format } : { format, as: as ?? '', apiVersion: `${g ?? ''}/${v ?? ''}` }]
}
