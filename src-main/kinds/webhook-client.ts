import { say } from './checks.ts'
import type { FieldError, FieldPath } from './field-error.ts'
import { isDNS1123Subdomain, isValidPortNum } from './validation.ts'

/** Where a webhook is asked, as webhook configurations and CRDs write it. */
interface ClientConfig {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
  readonly caBundle?: string
}

/** Rules of apiserver's util/webhook. */
export function checkWebhookClient({ url, service, caBundle }: ClientConfig, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if ((url === undefined) === (service === undefined)) errors.push(at.required('exactly one of url or service is required'))
  else if (url !== undefined) errors.push(...checkUrl(url, at.child('url')))
  else if (service) errors.push(...checkService(service, at.child('service')))
  if (caBundle && !isCaBundle(caBundle)) {
    errors.push(at.child('caBundle').invalid(caBundle, 'unable to load root certificates: unable to parse bytes as PEM block'))
  }
  return errors
}

export const isCaBundle = (base64: string): boolean => Buffer.from(base64, 'base64').includes('-----BEGIN CERTIFICATE-----')

const form = '; desired format: https://host[/path]'

function checkUrl(text: string, at: FieldPath): FieldError[] {
  const [, scheme = '', authority = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?(.*)$/s.exec(text) ?? []
  if (scheme !== '' && !URL.canParse(text) && authority !== '') return [at.required(`url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)]
  const errors: FieldError[] = []
  const [user, host] = authority.includes('@') ? [authority.slice(0, authority.lastIndexOf('@')), authority.slice(authority.lastIndexOf('@') + 1)] : [undefined, authority]
  const [beforeFragment = '', fragment = ''] = rest.split('#', 2)
  const query = beforeFragment.split('?').slice(1).join('?')
  if (scheme.toLowerCase() !== 'https') errors.push(at.invalid(scheme, `'https' is the only allowed URL scheme${form}`))
  if (host === '') errors.push(at.invalid('', `host must be specified${form}`))
  if (user !== undefined) errors.push(at.invalid(user, 'user information is not permitted in the URL'))
  if (fragment !== '') errors.push(at.invalid(fragment, 'fragments are not permitted in the URL'))
  if (query !== '') errors.push(at.invalid(query, 'query parameters are not permitted in the URL'))
  return errors
}

function checkService({ name, namespace, path = '', port = 443 }: NonNullable<ClientConfig['service']>, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  // Kubernetes takes one for the other here
  if (!namespace) errors.push(at.child('name').required())
  if (!name) errors.push(at.child('namespace').required())
  const wrong = isValidPortNum(port)
  if (wrong.length > 0) errors.push(at.child('port').invalid(port, `port is not valid: ${wrong.join(', ')}`))
  const here = at.child('path')
  if (path === '' || path === '/') return errors
  if (path === '//') return [...errors, here.invalid(path, 'segment[0] may not be empty')]
  if (!path.startsWith('/')) errors.push(here.invalid(path, "must start with a '/'"))
  const steps = path.slice(1).replace(/\/$/, '').split('/')
  return [...errors, ...steps.flatMap((step, i) =>
    step === '' ? [here.invalid(path, `segment[${i}] may not be empty`)] : say(here, path, isDNS1123Subdomain(step).map((sentence) => `segment[${i}]: ${sentence}`)))]
}
