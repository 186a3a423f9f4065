import { errorMessage } from '../../base/log.ts'
import { isJsonObject } from '../../base/json.ts'

const failedToVerify = 'tls: failed to verify certificate: x509:'
const unknownAuthority = `${failedToVerify} certificate signed by unknown authority`

/** What Kubernetes' client says where Node has a code. */
const sentences: Readonly<Record<string, (url: URL, error: Error) => string>> = {
  ECONNREFUSED: (url) => `dial tcp ${hostPort(url)}: connect: connection refused`,
  EHOSTUNREACH: (url) => `dial tcp ${hostPort(url)}: connect: no route to host`,
  ENETUNREACH: (url) => `dial tcp ${hostPort(url)}: connect: network is unreachable`,
  ENOTFOUND: (url) => `dial tcp: lookup ${url.hostname}: no such host`,
  EAI_AGAIN: (url) => `dial tcp: lookup ${url.hostname}: Temporary failure in name resolution`,
  ECONNRESET: () => 'EOF',
  EPROTO: () => 'http: server gave HTTP response to HTTPS client',
  DEPTH_ZERO_SELF_SIGNED_CERT: () => unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: () => unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: () => unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => unknownAuthority,
  CERT_SIGNATURE_FAILURE: () => unknownAuthority,
  CERT_HAS_EXPIRED: () => `${failedToVerify} certificate has expired or is not yet valid`,
  CERT_NOT_YET_VALID: () => `${failedToVerify} certificate has expired or is not yet valid`,
  ERR_TLS_CERT_ALTNAME_INVALID: (url, error) => `${failedToVerify} certificate is valid for ${validFor(error)}, not ${url.hostname}`,
}

/** Why no answer came, in the words of Kubernetes' client. */
export function failureOf(error: unknown, url: URL, signal: AbortSignal): string {
  if (signal.aborted) return 'context deadline exceeded'
  const { code } = error as NodeJS.ErrnoException
  const sentence = code !== undefined && Object.hasOwn(sentences, code) ? sentences[code] : undefined
  return sentence && error instanceof Error ? sentence(url, error) : errorMessage(error)
}

const hostPort = ({ hostname, port }: URL): string => `${hostname}:${port || '443'}`

function validFor(error: Error): string {
  const names = String((error as Error & { cert?: { subjectaltname?: string } }).cert?.subjectaltname ?? '')
  return names.replace(/(DNS|IP Address):/g, '') || 'no names'
}

/** rest.Request's sentences for an answer that is no success, by its code. */
const refusals: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  410: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
}

/** As much as Kubernetes reads of a text that explains a failure. */
const mostText = 2048

export function refusalOf(code: number, type = '', body: Buffer): string {
  const told = statusMessage(body)
  if (told !== undefined) return told
  const text = type === '' || type.startsWith('text/') ? body.toString('utf8', 0, mostText).trim() : 'unknown'
  if (code === 403 || code === 406 || code === 415) return text
  if (Object.hasOwn(refusals, code)) return refusals[code]!
  if (code >= 500) return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`
  return `the server responded with the status code ${code} but did not return more information`
}

/** The message of a Status, when that is what the answer is. */
function statusMessage(body: Buffer): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8', 0, 64 * 1024))
  } catch {
    // most refusals are plain text
    return undefined
  }
  return isJsonObject(value) && value.kind === 'Status' && typeof value.message === 'string' ? value.message : undefined
}
