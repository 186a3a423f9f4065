import { createPublicKey, verify } from 'node:crypto'
import { contentOf, type Der, oidOf, partAt, partsOf, readDer, tags, textOf } from './der.ts'
import { pemBlocks } from './pem.ts'

/** What a PKCS#10 request wants a certificate to say. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly emailAddresses: readonly string[]
  readonly uris: readonly string[]
  readonly der: Buffer
}

const commonNameOid = '550403'
const organizationOid = '55040a'
const extensionRequestOid = '2a864886f70d01090e'
const subjectAltNameOid = '551d11'

/** Which hash a signature is made with, by its algorithm's OID: RSA, ECDSA; Ed25519 has its own. Of a request Go takes SHA-1 too. */
const hashes: ReadonlyMap<string, string | undefined> = new Map([
  ['2a864886f70d01010b', 'sha256'], ['2a864886f70d01010c', 'sha384'], ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d040302', 'sha256'], ['2a8648ce3d040303', 'sha384'], ['2a8648ce3d040304', 'sha512'],
  ['2a864886f70d010105', 'sha1'], ['2a8648ce3d0401', 'sha1'], ['2b6570', undefined],
])

/** Reads a request in PEM. @throws Error with a sentence when it is none, or not signed by its own key */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const block = pemBlocks(pem)[0]
  if (block?.label !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const der = readDer(block.bytes)
  if (der.whole.length !== block.bytes.length) throw new Error('asn1: syntax error: trailing data')
  const request = partsOf(der)
  if (request.length !== 3) throw new Error('asn1: structure error: a request has three parts')
  const info = partAt(request, 0)
  const [, subject, key, ...attributes] = partsOf(info)
  if (!subject || !key) throw new Error('asn1: structure error: sequence truncated')
  checkSignature(info, key, partAt(request, 1), partAt(request, 2))
  const names = partsOf(subject).flatMap((set) => partsOf(set, tags.set)).map((attribute) => partsOf(attribute))
  const named = (oid: string) => names.filter((parts) => oidOf(partAt(parts, 0)) === oid).map((parts) => textOf(partAt(parts, 1)))
  return { commonName: named(commonNameOid).at(-1) ?? '', organizations: named(organizationOid), ...alternativeNames(attributes), der: block.bytes }
}

function checkSignature(info: Der, key: Der, algorithm: Der, signature: Der): void {
  const oid = oidOf(partAt(partsOf(algorithm), 0))
  if (!hashes.has(oid)) throw new Error('x509: cannot verify signature: algorithm unimplemented')
  const publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  const bits = contentOf(signature, tags.bitString)
  // the first byte of a BIT STRING counts the bits that are not used
  if (bits[0] !== 0) throw new Error('asn1: structure error: invalid padding bits in BIT STRING')
  const good = verify(hashes.get(oid), info.whole, publicKey, bits.subarray(1))
  if (!good) throw new Error(publicKey.asymmetricKeyType === 'rsa' ? 'crypto/rsa: verification error' : 'x509: ECDSA verification failure')
}

type AlternativeNames = Pick<CertificateRequest, 'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris'>

function alternativeNames(attributes: readonly Der[]): AlternativeNames {
  const extensions = attributes.flatMap((all) => partsOf(all, tags.context0)).map((attribute) => partsOf(attribute))
    .filter((attribute) => oidOf(partAt(attribute, 0)) === extensionRequestOid)
    .flatMap((attribute) => partsOf(partAt(attribute, 1), tags.set).flatMap((list) => partsOf(list)))
    .map((extension) => partsOf(extension))
  const names = extensions.filter((extension) => oidOf(partAt(extension, 0)) === subjectAltNameOid)
    .flatMap((extension) => partsOf(readDer(contentOf(partAt(extension, extension.length - 1), tags.octetString))))
  const tagged = (tag: number) => names.filter((name) => name.tag === (0x80 | tag))
  return {
    emailAddresses: tagged(1).map(ascii), dnsNames: tagged(2).map(ascii), uris: tagged(6).map(ascii),
    ipAddresses: tagged(7).map(({ content }) => ipOf(content)),
  }
}

const ascii = ({ content }: Der): string => content.toString('latin1')

function ipOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) throw new Error(`x509: cannot parse IP address of length ${bytes.length}`)
  return (bytes.toString('hex').match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}
