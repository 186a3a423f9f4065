import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, type Extension, KeyUsageFlags,
  KeyUsagesExtension, PemConverter, SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator,
} from '@peculiar/x509'

// This module costs tens of milliseconds to load: import it dynamically, and only when a certificate has to be made.

/** A certificate and its private key (PKCS#8), both PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
const dayMs = 24 * 3600 * 1000
/** Clocks differ a little. */
const backdateMs = 5 * 60 * 1000

/** What clients call the API server: loopback, and the names and the address of the `kubernetes` Service. */
const serverNames = {
  ip: ['127.0.0.1', '::1', '10.96.0.1'],
  dns: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
}

/** A self-signed authority, valid for 10 years from `now` (ms). */
export async function createCa(commonName: string, now: number): Promise<KeyPair> {
  const keys = await generateKeys()
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm,
    ...validity(now, 3650),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  }, webcrypto as Crypto)
  return { cert: cert.toString('pem'), key: await privatePem(keys.privateKey) }
}

/** The API server's own certificate, valid for a year from `now` (ms), besides its usual names for `hosts`. */
export function createServerLeaf(ca: KeyPair, now: number, hosts: readonly string[] = []): Promise<KeyPair> {
  const isIp = (host: string) => /^[\d.]+$|:/.test(host)
  const names = [
    ...[...serverNames.dns, ...hosts.filter((host) => !isIp(host))].map((value) => ({ type: 'dns' as const, value })),
    ...[...serverNames.ip, ...hosts.filter(isIp)].map((value) => ({ type: 'ip' as const, value })),
  ]
  return createLeaf(ca, now, [{ CN: ['kube-apiserver'] }], [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names),
  ])
}

/** A client's certificate, valid for a year: the user's name is the common name, the groups are organisations. */
export function createClientLeaf(ca: KeyPair, user: { name: string; groups: readonly string[] }, now: number): Promise<KeyPair> {
  const subject = [...user.groups.map((group) => ({ O: [group] })), { CN: [user.name] }]
  return createLeaf(ca, now, subject, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])])
}

async function createLeaf(ca: KeyPair, now: number, subject: Subject, extensions: Extension[]): Promise<KeyPair> {
  const keys = await generateKeys()
  const usages = new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true)
  const subjectKey = await SubjectKeyIdentifierExtension.create(keys.publicKey)
  const cert = await issue(ca, { subject, publicKey: keys.publicKey, ...validity(now, 365), extensions: [usages, subjectKey, ...extensions] })
  return { cert, key: await privatePem(keys.privateKey) }
}

type Subject = Array<Record<string, string[]>>

export interface Issuing {
  readonly subject: Subject
  readonly publicKey: CryptoKey | BufferSource
  readonly notBefore: Date
  readonly notAfter: Date
  /** Besides that it is no authority, and whose key it is signed with. */
  readonly extensions: Extension[]
}

/** A certificate signed by the authority, PEM. */
export async function issue(ca: KeyPair, { extensions, ...wish }: Issuing): Promise<string> {
  const issuer = new X509Certificate(ca.cert)
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(ca.key), algorithm, false, ['sign'])
  const cert = await X509CertificateGenerator.create({
    ...wish,
    issuer: issuer.subjectName.toJSON(),
    signingKey: signingKey as CryptoKey,
    signingAlgorithm,
    extensions: [new BasicConstraintsExtension(false, undefined, true), await AuthorityKeyIdentifierExtension.create(issuer), ...extensions],
  }, webcrypto as Crypto)
  return cert.toString('pem')
}

const generateKeys = async (): Promise<CryptoKeyPair> => (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair

const validity = (now: number, days: number) => ({ notBefore: new Date(now - backdateMs), notAfter: new Date(now + days * dayMs) })

async function privatePem(key: CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key as webcrypto.CryptoKey), PemConverter.PrivateKeyTag)
}
