import type { CertificateRequest } from '../base/certificate-request.ts'
import type { CertificateSigningRequest } from '../kinds/certificates/certificate-signing-request.ts'
import { lookup } from '../kinds/lookup.ts'
import { conditionOf } from '../kinds/meta.ts'

/** Why a signer refuses what a request asks for, in Kubernetes' words; undefined when it does not. */
export type Refusal = (request: CertificateRequest, usages: readonly string[]) => string | undefined

const nodeUsages = (auth: string) => [auth, 'digital signature', 'key encipherment'].sort()
/** Keys that cannot encipher leave that usage out. */
const fits = (usages: readonly string[], wanted: readonly string[]): boolean => {
  const asked = new Set(usages)
  const missing = wanted.filter((usage) => !asked.has(usage))
  return [...asked].every((usage) => wanted.includes(usage)) && missing.every((usage) => usage === 'key encipherment')
}

/** What a node's certificate must say, whatever it is for. */
const nodeRefusal = (usagesWanted: readonly string[], names: (request: CertificateRequest) => string | undefined): Refusal => (request, usages) => {
  const { organizations, commonName } = request
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes'
  const cause = names(request)
  if (cause) return cause
  if (!commonName.startsWith('system:node:')) return 'subject common name does not begin with system:node:'
  return fits(usages, usagesWanted) ? undefined : `usages did not match [${usagesWanted.join(' ')}]`
}

const noNames = (request: CertificateRequest): string | undefined => {
  const { dnsNames, emailAddresses, ipAddresses, uris } = request
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
}

const hostNames = (request: CertificateRequest): string | undefined => {
  const { dnsNames, emailAddresses, ipAddresses, uris } = request
  if (dnsNames.length === 0 && ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  return uris.length > 0 ? 'URI subjectAltNames are not allowed' : undefined
}

const clientUsages = ['digital signature', 'key encipherment', 'client auth']

export const kubeletClient = 'kubernetes.io/kube-apiserver-client-kubelet'

/** Who of Kubernetes' own signers signs what. */
export const signers: Readonly<Record<string, Refusal>> = {
  'kubernetes.io/kube-apiserver-client': (_request, usages) => {
    const wrong = usages.find((usage) => !clientUsages.includes(usage))
    if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
    return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
  },
  [kubeletClient]: nodeRefusal(nodeUsages('client auth'), noNames),
  'kubernetes.io/kubelet-serving': nodeRefusal(nodeUsages('server auth'), hostNames),
  'kubernetes.io/legacy-unknown': () => undefined,
}

/** The signer that has to act on the request now: it is approved, and neither signed nor failed. */
export function signerOf({ spec, status }: Readonly<CertificateSigningRequest>): Refusal | undefined {
  const has = (type: string): boolean => conditionOf(status?.conditions, type) !== undefined
  const waits = has('Approved') && !has('Denied') && !has('Failed') && !status?.certificate
  return waits ? lookup(signers, spec.signerName) : undefined
}

const minute = 60_000
const hour = 60 * minute
/** kube-controller-manager's --cluster-signing-duration. */
const longestMs = 365 * 24 * hour
const shortestMs = 10 * minute
/** Clocks differ a little. */
const backdateMs = 5 * minute
/** What lives shorter than this gets the time that was taken from its beginning back at its end. */
const shortLivedMs = 8 * hour

/** From when until when a certificate is good, in ms; never longer than its authority. */
export function validityOf(expirationSeconds: number | undefined, now: number, authorityUntil: number): { from: number; until: number } {
  const wished = expirationSeconds === undefined ? longestMs : Math.min(Math.max(expirationSeconds * 1000, shortestMs), longestMs)
  const from = now - backdateMs
  return { from, until: Math.min((wished < shortLivedMs ? now : from) + wished, authorityUntil) }
}
