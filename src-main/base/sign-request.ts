import 'reflect-metadata'
import {
  ExtendedKeyUsage, ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension, Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { issue, type KeyPair } from './cert.ts'
import type { CertificateRequest } from './certificate-request.ts'

// Import this module dynamically, as cert.ts: its library costs tens of milliseconds to load.

const keyUsages: ReadonlyMap<string, KeyUsageFlags> = new Map([
  ['signing', KeyUsageFlags.digitalSignature],
  ['digital signature', KeyUsageFlags.digitalSignature],
  ['content commitment', KeyUsageFlags.nonRepudiation],
  ['key encipherment', KeyUsageFlags.keyEncipherment],
  ['data encipherment', KeyUsageFlags.dataEncipherment],
  ['key agreement', KeyUsageFlags.keyAgreement],
  ['cert sign', KeyUsageFlags.keyCertSign],
  ['crl sign', KeyUsageFlags.cRLSign],
  ['encipher only', KeyUsageFlags.encipherOnly],
  ['decipher only', KeyUsageFlags.decipherOnly],
])

const ipsec = (last: number): string => `1.3.6.1.5.5.7.3.${last}`
const extendedUsages: ReadonlyMap<string, string> = new Map([
  ['any', '2.5.29.37.0'],
  ['server auth', ExtendedKeyUsage.serverAuth],
  ['client auth', ExtendedKeyUsage.clientAuth],
  ['code signing', ExtendedKeyUsage.codeSigning],
  ['email protection', ExtendedKeyUsage.emailProtection],
  ['s/mime', ExtendedKeyUsage.emailProtection],
  ['ipsec end system', ipsec(5)],
  ['ipsec tunnel', ipsec(6)],
  ['ipsec user', ipsec(7)],
  ['timestamping', ExtendedKeyUsage.timeStamping],
  ['ocsp signing', ExtendedKeyUsage.ocspSigning],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
])

export interface Grant {
  /** In the words of certificates.k8s.io. */
  readonly usages: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
}

/** The certificate that a request asks for, PEM: its subject, key and alternative names, and of the rest what is granted. */
export function signRequest(ca: KeyPair, request: CertificateRequest, { usages, notBefore, notAfter }: Grant): Promise<string> {
  const parsed = new Pkcs10CertificateRequest(new Uint8Array(request.der))
  const flags = usages.reduce((all, usage) => all | (keyUsages.get(usage) ?? 0), 0)
  const extended = [...new Set(usages.flatMap((usage) => extendedUsages.get(usage) ?? []))]
  const extensions: Extension[] = []
  if (flags !== 0) extensions.push(new KeyUsagesExtension(flags, true))
  if (extended.length > 0) extensions.push(new ExtendedKeyUsageExtension(extended))
  const names = alternativeNames(request)
  const subject = parsed.subjectName.toJSON()
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names, subject.length === 0))
  return issue(ca, { subject, publicKey: parsed.publicKey.rawData, notBefore, notAfter, extensions })
}

function alternativeNames({ dnsNames, ipAddresses, emailAddresses, uris }: CertificateRequest) {
  const named = <T extends 'dns' | 'ip' | 'email' | 'url'>(type: T, values: readonly string[]) => values.map((value) => ({ type, value }))
  return [...named('dns', dnsNames), ...named('email', emailAddresses), ...named('ip', ipAddresses), ...named('url', uris)]
}
