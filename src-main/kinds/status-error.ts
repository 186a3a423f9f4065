import type { FieldError } from './field-error.ts'
import type { Status } from './generated/types.ts'

/** An error as every Kubernetes client understands it: thrown by the API, received by the clients. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: Status

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown error')
    this.status = status
  }

  get code(): number {
    return this.status.code ?? 500
  }

  get reason(): string {
    return this.status.reason ?? ''
  }
}

export interface Resource {
  readonly group: string
  readonly plural: string
}

/** What an error is about: group and plural or kind, and the object's name. */
export interface Subject extends Resource {
  readonly kind: string
}

const failure = (code: number, reason: string, message: string, details?: Status['details']): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details ? { details } : {}), code })

/** What kube-apiserver answers with a message and nothing else: a mistake that comes from below its API. */
export const plainFailure = (message: string): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 })

const qualified = (subject: Resource): string => (subject.group ? `${subject.plural}.${subject.group}` : subject.plural)
const about = (subject: Resource, name: string) => ({ ...(name ? { name } : {}), ...(subject.group ? { group: subject.group } : {}), kind: subject.plural })

export const notFound = (subject: Resource, name: string): StatusError =>
  failure(404, 'NotFound', `${qualified(subject)} "${name}" not found`, about(subject, name))

/** No such path or resource type at all. */
export const pathNotFound = (): StatusError =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {})

/** What is there may be on its way out, and then the sentence says so. */
export const alreadyExists = (subject: Subject, name: string, isEnding = false): StatusError =>
  failure(409, 'AlreadyExists', `${isEnding ? 'object is being deleted: ' : ''}${qualified(subject)} "${name}" already exists`, about(subject, name))

export const conflict = (
  subject: Resource,
  name: string,
  cause = 'the object has been modified; please apply your changes to the latest version and try again',
): StatusError =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${cause}`, about(subject, name))

/** A server-side apply met fields that others own with other values: one cause each, with reason FieldManagerConflict. */
export const applyConflict = (message: string, causes: NonNullable<Status['details']>['causes']): StatusError =>
  failure(409, 'Conflict', message, { causes })

export function invalid(subject: Subject, name: string, errors: readonly FieldError[]): StatusError {
  const sentences = [...new Set(errors.map((e) => `${e.field}: ${e.message}`))]
  const listed = sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`
  const kind = subject.group ? `${subject.kind}.${subject.group}` : subject.kind
  return failure(422, 'Invalid', `${kind} "${name}" is invalid: ${listed}`, {
    ...(name ? { name } : {}),
    ...(subject.group ? { group: subject.group } : {}),
    ...(subject.kind ? { kind: subject.kind } : {}),
    causes: errors.map((e) => ({ reason: e.reason, message: e.message, field: e.field })),
  })
}

export const badRequest = (message: string): StatusError => failure(400, 'BadRequest', message)
export const unauthorized = (): StatusError => failure(401, 'Unauthorized', 'Unauthorized')

export const forbidden = (subject: Subject, name: string, cause: string): StatusError =>
  failure(403, 'Forbidden', `${qualified(subject)}${name ? ` "${name}"` : ''} is forbidden: ${cause}`, about(subject, name))

export const methodNotAllowed = (): StatusError =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

/** What a custom resource's server says of a verb that a subresource has not. */
export const methodNotSupported = ({ group, plural }: Subject, verb: string): StatusError =>
  failure(405, 'MethodNotAllowed', `${verb} is not supported on resources of kind "${plural}${group ? `.${group}` : ''}"`, { group, kind: plural })

export const notAcceptable = (types: readonly string[]): StatusError => noSuchForm(`only the following media types are accepted: ${types.join(', ')}`)

/** The object there is cannot be shown as the client wants it. */
export const noSuchForm = (message: string): StatusError => failure(406, 'NotAcceptable', message)

export const unsupportedMediaType = (types: readonly string[]): StatusError =>
  failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`)

export const tooLarge = (limitBytes: number): StatusError =>
  failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`)

/** The resourceVersion asked for is older than what is kept. */
export const expired = (message = 'The resourceVersion for the provided watch is too old.'): StatusError =>
  failure(410, 'Expired', message)

export const internal = (message: string): StatusError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })

/** The outcome is unknown: what was asked may still happen. */
export const timedOut = (message: string): StatusError => failure(504, 'Timeout', `Timeout: ${message}`, {})

export const unavailable = (message: string): StatusError => failure(503, 'ServiceUnavailable', message)

export const insufficientStorage = (message: string): StatusError => failure(507, 'InsufficientStorage', message)

export const tooManyRequests = (message: string, retryAfterSeconds: number): StatusError =>
  failure(429, 'TooManyRequests', message, { retryAfterSeconds })

const hasReason = (reason: string) => (error: unknown): boolean => error instanceof StatusError && error.reason === reason
export const isNotFound = hasReason('NotFound')
export const isConflict = hasReason('Conflict')
export const isAlreadyExists = hasReason('AlreadyExists')
export const isExpired = (error: unknown): boolean => error instanceof StatusError && error.code === 410

/** Nothing new is created in a namespace that is being deleted. */
export const isTerminatingNamespace = (error: unknown): boolean =>
  error instanceof StatusError && (error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')
