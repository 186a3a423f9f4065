import { X509Certificate } from 'node:crypto'
import { parseCertificateRequest } from '../../base/certificate-request.ts'
import { equalJson } from '../../base/json.ts'
import { errorMessage } from '../../base/log.ts'
import { pemBlocks } from '../../base/pem.ts'
import { each, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../generated/types.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'

/** What only `/approval` says. */
export const decisions = ['Approved', 'Denied'] as const
/** What is once so, for good. */
const finalTypes: readonly string[] = [...decisions, 'Failed']

/** A request in PEM, as base64. */
export function checkRequest(base64: string, at: FieldPath): FieldError[] {
  try {
    parseCertificateRequest(Buffer.from(base64, 'base64').toString('latin1'))
    return []
  } catch (error) {
    return [at.invalid(base64, errorMessage(error))]
  }
}

const knownUsages = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection',
  'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime',
  'server auth', 'signing', 'timestamping',
]

export const checkUsages = (usages: readonly string[], at: FieldPath): FieldError[] => [
  ...(usages.length === 0 ? [at.required()] : []),
  ...each(usages, at, (usage, here) => (knownUsages.includes(usage) ? [] : [here.notSupported(usage, knownUsages)])),
  ...unique(usages, (usage) => usage, (i) => at.child(i)),
]

const longestDomain = 253
const longestSignerName = longestDomain + 1 + 253 + 63 + 1

/** `example.com/signer-name` */
export function checkSignerName(signerName: string, at: FieldPath): FieldError[] {
  if (!signerName) return [at.required()]
  const [domain = '', path = '', ...rest] = signerName.split('/')
  if (!signerName.includes('/') || rest.length > 0) {
    return [at.invalid(signerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  }
  const labels = domain.split('.')
  return [
    ...(domain.length > longestDomain ? [at.tooLong(longestDomain)] : []),
    ...firstWrong(labels, domain, isDNS1123Label, at),
    ...(labels.length < 2 ? [at.invalid(domain, 'should be a domain with at least two segments separated by dots')] : []),
    ...firstWrong(path.split('.'), path, isDNS1123Subdomain, at),
    ...(signerName.length > longestSignerName ? [at.tooLong(longestSignerName)] : []),
  ]
}

function firstWrong(labels: readonly string[], segment: string, check: (label: string) => readonly string[], at: FieldPath): FieldError[] {
  const wrong = labels.find((label) => check(label).length > 0)
  return wrong === undefined ? [] : check(wrong).map((sentence) => at.invalid(segment, `validating label ${JSON.stringify(wrong)}: ${sentence}`))
}

export const checkStatus = ({ status }: CertificateSigningRequest, at: FieldPath, old?: Readonly<CertificateSigningRequest>): FieldError[] => [
  ...checkConditions(status?.conditions, at.child('conditions')),
  ...(status?.certificate === old?.status?.certificate ? [] : checkCertificate(status?.certificate, at.child('certificate'))),
]

function checkConditions(conditions: readonly CertificateSigningRequestCondition[] | undefined, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(conditions, at, ({ type, status }, here) => {
    const errors: FieldError[] = []
    const allowed = finalTypes.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    const other = decisions.find((decision) => decision !== type && seen.has(decision))
    if (!type) errors.push(here.child('type').required())
    if (!status) errors.push(here.child('status').required())
    else if (!allowed.includes(status)) errors.push(here.child('status').notSupported(status, allowed))
    if (other && decisions.some((decision) => decision === type)) {
      errors.push(at.invalid(type, 'Approved and Denied conditions are mutually exclusive'))
    }
    if (seen.has(type)) errors.push(here.child('type').duplicate(type))
    seen.add(type)
    return errors
  })
}

/** One or more certificates in PEM, as base64. */
function checkCertificate(base64: string | undefined, at: FieldPath): FieldError[] {
  if (!base64) return []
  const cause = certificateCause(Buffer.from(base64, 'base64').toString('latin1'))
  return cause ? [at.invalid('<certificate data>', cause)] : []
}

function certificateCause(pem: string): string | undefined {
  const blocks = pemBlocks(pem)
  for (const { label, hasHeaders, bytes } of blocks) {
    if (label !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    try {
      new X509Certificate(bytes)
    } catch {
      return 'x509: malformed certificate'
    }
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

/** What `/status` and `/approval` may not do: `at` is the status. */
export function checkStatusUpdate(subresource: string, csr: CertificateSigningRequest, old: Readonly<CertificateSigningRequest>, at: FieldPath): FieldError[] {
  const of = ({ status }: Readonly<CertificateSigningRequest>, type: string) => (status?.conditions ?? []).filter((condition) => condition.type === type)
  const refuse = (what: string, type: string): FieldError[] => [at.child('conditions').forbidden(`updates may not ${what} a condition of type ${JSON.stringify(type)}`)]
  const removed = finalTypes.flatMap((type) => (of(csr, type).length < of(old, type).length ? refuse('remove', type) : []))
  const changed = subresource === 'approval' ? [] : decisions.flatMap((type) => {
    const [now, before] = [of(csr, type), of(old, type)]
    if (now.length > before.length) return refuse('add', type)
    // the client's own were put back: only a webhook gets here
    return now.length < before.length || equalJson(now, before) ? [] : refuse('modify', type)
  })
  const [issued, before] = [csr.status?.certificate ?? '', old.status?.certificate ?? '']
  const replaced = before !== '' && issued !== before
  return [...removed, ...changed, ...(replaced ? [at.child('certificate').forbidden('updates may not modify existing certificate content')] : [])]
}
