import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCertificateRequest } from '../../src-main/base/certificate-request.ts'
import { pemBlocks, toPem } from '../../src-main/base/pem.ts'
import { makeRequest } from '../fixtures/certificate-requests.ts'

describe('a certificate request', () => {
  it.each(['ec', 'rsa', 'ed25519'] as const)('of an %s key says who asks, and which names the certificate shall have', async (key) => {
    const names = [
      { type: 'dns', value: 'node.example' }, { type: 'ip', value: '10.0.0.1' }, { type: 'ip', value: '2001:db8::1' },
      { type: 'email', value: 'a@example.com' }, { type: 'url', value: 'spiffe://example/web' },
    ] as const
    const { pem } = await makeRequest('O=dev, O=ops, CN=jäne', { key, names: [...names] })
    expect(parseCertificateRequest(`text before it\n${pem}`)).toMatchObject({
      commonName: 'jäne', organizations: ['dev', 'ops'], dnsNames: ['node.example'], ipAddresses: ['10.0.0.1', '2001:db8:0:0:0:0:0:1'],
      emailAddresses: ['a@example.com'], uris: ['spiffe://example/web'],
    })
  })

  it('is refused with a sentence when it is something else', async () => {
    const { pem, key } = await makeRequest('CN=jane')
    const bytes = pemBlocks(pem)[0]!.bytes
    const changed = Buffer.from(bytes)
    changed[changed.indexOf('jane')] = 'J'.charCodeAt(0)
    expect(() => parseCertificateRequest('')).toThrow('PEM block type must be CERTIFICATE REQUEST')
    expect(() => parseCertificateRequest(key)).toThrow('PEM block type must be CERTIFICATE REQUEST')
    expect(() => parseCertificateRequest(toPem('CERTIFICATE REQUEST', changed))).toThrow('x509: ECDSA verification failure')
    expect(() => parseCertificateRequest(toPem('CERTIFICATE REQUEST', Buffer.concat([bytes, Buffer.of(0)])))).toThrow('trailing data')
    expect(() => parseCertificateRequest(toPem('CERTIFICATE REQUEST', bytes.subarray(0, 60)))).toThrow('malformed DER')
  })

  it('may be signed with SHA-1, as Go lets requests be', () => {
    const der = Buffer.from(
      'MIIBTTCBtwIBADAOMQwwCgYDVQQDDANvbGQwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAKK0tV7cFQFl15bFaCeR1t02+k3EtIJpvvmfIp3nWk2aTGDb/AIcHpbO1EQU3KL28s/m0QaFfa8D++J4Fitn+cRLsRCUbOP5TNbpB6dLYkIirHUNyjzNeBUNXMTcs4TYjE0U0zNsXrQwAzQmQ4UnQKSl8W39Ik6QwmPIoAzrhLejAgMBAAGgADANBgkqhkiG9w0BAQUFAAOBgQAt3bbXea7F/s5IUmJFY8Rc7dcisCylXz4AVifM8X1wFT/2ElqgYF5hivOqy+HQ7tiQIYsL9NL/XPdSRIDQVsyAXkz+qFQFAQmi/34tnpr/ZA8WeuZsdnhVy8lxyMNCw56uy8SFwhRGDepZZQgkvoku638qxk9j2/u9YwoHIjsHsA==',
      'base64',
    )
    expect(parseCertificateRequest(toPem('CERTIFICATE REQUEST', der)).commonName).toBe('old')
  })

  it('whose name is in letters that others might read otherwise is refused', async () => {
    // the UniversalString that OpenSSL reads as the administrators' group
    const signed = readFileSync(join(import.meta.dirname, '../fixtures/universal-string.csr'), 'utf8')
    expect(() => parseCertificateRequest(signed)).toThrow('unsupported string type')
  })

  it('with any byte changed is refused, and nothing else happens', async () => {
    const bytes = pemBlocks((await makeRequest('O=x, CN=jane', { names: [{ type: 'dns', value: 'a.example' }] })).pem)[0]!.bytes
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes)
        changed[at] = changed[at]! ^ by
        expect(() => parseCertificateRequest(toPem('CERTIFICATE REQUEST', changed))).toThrow(Error)
      }),
    )
  })

  it('is looked for in linear time, however many beginnings a text has', () => {
    expect(pemBlocks('-----BEGIN A-----\n'.repeat(50_000))).toEqual([])
    expect(pemBlocks(`-----BEGIN A-----\n${' '.repeat(500_000)}!\n-----END A-----`)).toEqual([])
    expect(pemBlocks('-----BEGIN A-----\nAA==\n-----END A-----\n'.repeat(10_000))).toHaveLength(10_000)
  })
})
