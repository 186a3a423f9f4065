import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type PemBlock, pemBlocks } from '../../base/pem.ts'
import type { Secret } from '../generated/types.ts'
import { lookup } from '../lookup.ts'

/** What a client is told of a certificate and key that are no pair, in the words of Go's crypto/tls. */
export function warnOfSecret({ type, data }: Readonly<Secret>): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const blocksOf = (name: string): PemBlock[] => pemBlocks(Buffer.from(lookup(data, name) ?? '', 'base64').toString('latin1'))
  const wrong = mistake(blocksOf('tls.crt'), blocksOf('tls.key'))
  return wrong ? [wrong] : []
}

const isKey = (label: string): boolean => label === 'PRIVATE KEY' || label.endsWith(' PRIVATE KEY')

function mistake(certificates: readonly PemBlock[], keys: readonly PemBlock[]): string | undefined {
  const [first] = certificates.filter(({ label }) => label === 'CERTIFICATE')
  if (!first) return noCertificate(certificates.map(({ label }) => label))
  const key = keys.find(({ label }) => isKey(label))
  if (!key) return noKey(keys.map(({ label }) => label))
  const certificate = attempt(() => new X509Certificate(first.bytes))
  if (!certificate) return 'x509: malformed certificate'
  const secret = attempt(() => createPrivateKey({ key: Buffer.from(key.bytes), format: 'der', type: key.label === 'PRIVATE KEY' ? 'pkcs8' : key.label.startsWith('EC ') ? 'sec1' : 'pkcs1' }))
  if (!secret) return 'tls: failed to parse private key'
  if (certificate.publicKey.asymmetricKeyType !== secret.asymmetricKeyType) return 'tls: private key type does not match public key type'
  return certificate.checkPrivateKey(secret) ? undefined : 'tls: private key does not match public key'
}

function noCertificate(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (skipped.length === 1 && isKey(skipped[0]!)) return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

function noKey(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'tls: failed to find any PEM data in key input'
  if (skipped.length === 1 && skipped[0] === 'CERTIFICATE') return 'tls: found a certificate rather than a key in the PEM for the private key'
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
}

/** What cannot be read is nothing: who asks says so. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
