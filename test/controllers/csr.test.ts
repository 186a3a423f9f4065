import { X509Certificate } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createCa, type KeyPair } from '../../src-main/base/cert.ts'
import { timestamp } from '../../src-main/base/clock.ts'
import { permissionsFor } from '../../src-main/controllers/csr-approving.ts'
import { csrCleaner, expiryOf } from '../../src-main/controllers/csr-cleaner.ts'
import { signers, validityOf } from '../../src-main/controllers/csr-signers.ts'
import { csrSigning } from '../../src-main/controllers/csr-signing.ts'
import { certificateSigningRequest as csrKind, type CertificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { makeRequest, type Names } from '../fixtures/certificate-requests.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

let plane: ControlPlane | undefined
afterEach(async () => {
  await plane?.stop()
  plane = undefined
})

const client = 'kubernetes.io/kube-apiserver-client'
const kubelet = 'kubernetes.io/kube-apiserver-client-kubelet'
const serving = 'kubernetes.io/kubelet-serving'
const minute = 60_000
const hour = 60 * minute
const condition = (type: string, at?: number) => ({ type, status: 'True', ...(at === undefined ? {} : { lastUpdateTime: timestamp(at) }) })

describe('the signer', () => {
  async function signed(ca: KeyPair, spec: object, clock = fakeClock()): Promise<CertificateSigningRequest> {
    plane = await startControlPlane({ controllers: [csrSigning(ca)], clock })
    const made = await plane.client.create(csrKind, { metadata: { name: 'csr' }, spec: spec as CertificateSigningRequest['spec'] })
    await plane.client.patch(csrKind, { name: 'csr' }, { type: 'merge', body: { status: { conditions: [condition('Approved')] } } }, { subresource: 'approval' })
    const { client: reader } = plane
    return eventually('a certificate or a reason', async () => {
      const csr = await reader.get(csrKind, { name: made.metadata.name! })
      return (csr.status?.certificate ?? conditionOf(csr.status?.conditions, 'Failed')) !== undefined && csr
    })
  }

  it('gives an approved request its certificate: its subject, names and key, the usages asked for, for the time asked for', async () => {
    const clock = fakeClock()
    const ca = await createCa('test', clock.now())
    const { base64 } = await makeRequest('O=system:nodes, CN=system:node:n1', { names: [{ type: 'dns', value: 'n1' }, { type: 'ip', value: '10.0.0.1' }] })
    const { status } = await signed(ca, { request: base64, signerName: serving, usages: ['server auth', 'digital signature', 'key encipherment'], expirationSeconds: 3600 }, clock)
    const certificate = new X509Certificate(Buffer.from(status!.certificate!, 'base64'))
    expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:n1')
    expect(certificate.subjectAltName).toBe('DNS:n1, IP Address:10.0.0.1')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(certificate.ca).toBe(false)
    expect(certificate.verify(new X509Certificate(ca.cert).publicKey)).toBe(true)
    expect([certificate.validFrom, certificate.validTo].map((time) => Date.parse(time) - clock.now())).toEqual([-5 * minute, hour])
  })

  it('says why it does not sign', async () => {
    const { base64 } = await makeRequest('CN=jane')
    const { status } = await signed(await createCa('test', Date.now()), { request: base64, signerName: client, usages: ['server auth'] })
    expect(conditionOf(status?.conditions, 'Failed')).toMatchObject({ status: 'True', reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' })
    expect(status?.certificate).toBeUndefined()
  })

  const node = { commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [], der: Buffer.alloc(0) }
  const nodeUsages = ['client auth', 'digital signature', 'key encipherment']
  it.each<[string, object, string[], string | undefined]>([
    [client, {}, ['client auth'], undefined],
    [client, {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
    [kubelet, {}, nodeUsages, undefined],
    [kubelet, {}, ['client auth', 'digital signature'], undefined],
    [kubelet, {}, ['client auth'], 'usages did not match [client auth digital signature key encipherment]'],
    [kubelet, {}, [...nodeUsages, 'server auth'], 'usages did not match [client auth digital signature key encipherment]'],
    [kubelet, { organizations: ['system:nodes', 'dev'] }, nodeUsages, 'subject organization is not system:nodes'],
    [kubelet, { commonName: 'n1' }, nodeUsages, 'subject common name does not begin with system:node:'],
    [kubelet, { dnsNames: ['a'] }, nodeUsages, 'DNS subjectAltNames are not allowed'],
    [kubelet, { uris: ['a:b'] }, nodeUsages, 'URI subjectAltNames are not allowed'],
    [serving, {}, ['server auth', 'digital signature'], 'DNS or IP subjectAltName is required'],
    [serving, { ipAddresses: ['10.0.0.1'], emailAddresses: ['a@b'] }, ['server auth', 'digital signature'], 'Email subjectAltNames are not allowed'],
    [serving, { ipAddresses: ['10.0.0.1'] }, ['server auth', 'digital signature'], undefined],
  ])('%s with %j for %j answers %j', (name, change, usages, expected) => {
    expect(signers[name]?.({ ...node, ...change }, usages)).toBe(expected)
  })

  it('keeps to what was asked for between ten minutes and a year, and to its own end', () => {
    const spans = (seconds: number | undefined, authority = Infinity) => Object.values(validityOf(seconds, 0, authority)).map((ms) => ms / minute)
    expect(spans(undefined)).toEqual([-5, 365 * 24 * 60 - 5])
    expect(spans(3600)).toEqual([-5, 60])
    expect(spans(60)).toEqual([-5, 10])
    expect(spans(24 * 3600)).toEqual([-5, 24 * 60 - 5])
    expect(spans(10 * 365 * 24 * 3600)).toEqual([-5, 365 * 24 * 60 - 5])
    expect(spans(3600, 30 * minute)).toEqual([-5, 30])
  })
})

describe('approval without a person', () => {
  it('is for kubelets: the node that asks for itself, or whoever asks for a node', async () => {
    const permissions = async (subject: string, more: object = {}, names?: Names) => {
      const { base64: request } = await makeRequest(subject, names ? { names } : {})
      const spec = { request, signerName: kubelet, usages: ['client auth', 'digital signature'], username: 'system:node:n1', ...more } as CertificateSigningRequest['spec']
      return permissionsFor({ apiVersion: '', kind: '', metadata: {}, spec }).map(({ permission }) => permission)
    }
    expect(await permissions('O=system:nodes, CN=system:node:n1')).toEqual(['selfnodeclient', 'nodeclient'])
    expect(await permissions('O=system:nodes, CN=system:node:n2')).toEqual(['nodeclient'])
    expect(await permissions('O=dev, CN=system:node:n1')).toEqual([])
    expect(await permissions('O=system:nodes, CN=system:node:n1', { signerName: client })).toEqual([])
    expect(await permissions('O=system:nodes, CN=system:node:n1', {}, [{ type: 'dns', value: 'n1' }])).toEqual([])
  })
})

describe('the cleaner', () => {
  const csr = (status: object): CertificateSigningRequest =>
    ({ metadata: { creationTimestamp: timestamp(0) }, spec: { request: '', signerName: '' }, status }) as CertificateSigningRequest

  it('gives those who wait a day, and those who are served or refused an hour', async () => {
    const at = 2 * hour
    const certificate = Buffer.from((await createCa('test', at)).cert).toString('base64')
    expect(expiryOf(csr({}))).toBe(24 * hour)
    expect(expiryOf(csr({ conditions: [condition('Denied', at)] }))).toBe(at + hour)
    expect(expiryOf(csr({ conditions: [condition('Approved', at), condition('Failed', at)] }))).toBe(at + hour)
    expect(expiryOf(csr({ conditions: [condition('Approved', at)] }))).toBe(at + 24 * hour)
    expect(expiryOf(csr({ conditions: [condition('Approved', at)], certificate }))).toBe(at + hour)
    expect(expiryOf(csr({ conditions: [condition('Other', at)] }))).toBe(Infinity)
  })

  it('deletes a request when its time is over', async () => {
    const clock = fakeClock()
    plane = await startControlPlane({ controllers: [csrCleaner], clock })
    const { client: reader } = plane
    const { base64: request } = await makeRequest('CN=jane')
    await reader.create(csrKind, { metadata: { name: 'old' }, spec: { request, signerName: 'example.com/x', usages: ['client auth'] } })
    clock.advance(24 * hour - 1)
    expect((await reader.get(csrKind, { name: 'old' })).metadata.name).toBe('old')
    await eventually('it to be gone', async () => {
      // the cleaner may have begun to wait only now
      clock.advance(hour)
      return reader.get(csrKind, { name: 'old' }).then(() => false, isNotFound)
    })
  })
})
