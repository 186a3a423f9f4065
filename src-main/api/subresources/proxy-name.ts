import { badRequest } from '../../kinds/status-error.ts'

/** `[scheme:]name[:port]`, as it stands where the object's name does. */
export interface ProxyName {
  readonly scheme: 'http' | 'https'
  readonly name: string
  /** A number, the name of a port, or nothing. */
  readonly port: string
}

/**
 * @param what  `pod`, `service` or `node`, for the sentence
 * @throws StatusError 400
 */
export function parseProxyName(text: string, what: string): ProxyName {
  const parts = text.split(':')
  const [scheme = '', name, port] = parts.length === 3 ? parts : ['', parts[0], parts[1]]
  if (parts.length > 3 || !name || !['', 'http', 'https'].includes(scheme)) throw badRequest(`invalid ${what} request ${JSON.stringify(text)}`)
  return { scheme: scheme === 'https' ? 'https' : 'http', name, port: port ?? '' }
}
