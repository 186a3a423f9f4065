import { notAcceptable } from '../kinds/status-error.ts'

/** How a client wants its answer. */
export interface Wanted {
  readonly format: 'json' | 'yaml'
  /** The object transformed: meta.k8s.io/v1. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
}

export interface MediaRange {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What a body may be in, and an answer come in. */
export const mediaTypes = ['application/json', 'application/yaml'] as const

/** The ranges of an Accept header, the most wanted first. */
export function parseAccept(header: string | undefined): MediaRange[] {
  const ranges = (header ?? '').split(',').map(parseMediaType).filter(({ type }) => type !== '')
  if (ranges.length === 0) return [{ type: '*/*', parameters: {} }]
  const quality = ({ parameters }: MediaRange) => (parameters['q'] === undefined ? 1 : Number(parameters['q']) || 0)
  return ranges.filter((range) => quality(range) > 0).sort((a, b) => quality(b) - quality(a))
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
  'application/json': 'json', '*/*': 'json', 'application/*': 'json', 'application/yaml': 'yaml',
}

/**
 * The first range of the header that this server can answer: an unknown one (protobuf, an old Table) falls through to the next.
 *
 * @throws StatusError 406 when there is none
 */
export function negotiate(header: string | undefined): Wanted {
  for (const { type, parameters } of parseAccept(header)) {
    const format = formats[type]
    if (!format) continue
    const { as, g, v } = parameters
    if (as === undefined) return { format }
    const known = as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    if (known && g === 'meta.k8s.io' && v === 'v1') return { format, as }
  }
  throw notAcceptable(mediaTypes)
}
