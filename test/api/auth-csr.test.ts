import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { User } from '../../src-main/api/verbs.ts'
import { createCa } from '../../src-main/base/cert.ts'
import { certificateSigningRequest as csrKind, type CertificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { makeRequest } from '../fixtures/certificate-requests.ts'
import { type AccessFixture, accessFixture, addRole, as, bind, person, toUser } from './auth-fixture.ts'
import { refusal } from './registry-fixture.ts'

const root = person('root', 'system:masters')
const client = 'kubernetes.io/kube-apiserver-client'
const approved = { type: 'Approved', status: 'True', reason: 'Test' }
const denied = { type: 'Denied', status: 'True', reason: 'Test' }

let base64: string
let certificate: string
let other: string
beforeAll(async () => {
  base64 = (await makeRequest('O=dev, CN=jane')).base64
  const pems = await Promise.all(['a', 'b'].map((name) => createCa(name, Date.now())))
  certificate = Buffer.from(pems[0]!.cert).toString('base64')
  other = Buffer.from(pems[1]!.cert).toString('base64')
})

let fixture: AccessFixture
beforeEach(async () => {
  fixture = await accessFixture({ started: true })
})

const specOf = (more: object = {}) => ({ request: base64, signerName: client, usages: ['client auth'], ...more })
const create = async (more: object = {}, user: User = root): Promise<CertificateSigningRequest> =>
  (await fixture.verbs.create(csrKind, undefined, { metadata: { generateName: 'csr-' }, spec: specOf(more) }, as(user))).object as CertificateSigningRequest
const put = async (csr: CertificateSigningRequest, change: object, subresource?: string, user: User = root): Promise<CertificateSigningRequest> =>
  (await fixture.verbs.update(csrKind, { name: csr.metadata.name! }, structuredClone({ ...csr, ...change }), as(user), subresource)).object as CertificateSigningRequest
const causes = async (work: Promise<unknown>) => (await refusal(work)).status.details?.causes?.map(({ field, message }) => `${field}: ${message}`)

describe('a CertificateSigningRequest', () => {
  it('says who made it, whatever its maker says', async () => {
    const ann: User = { name: 'ann', uid: 'u1', groups: ['dev', 'system:authenticated'], extra: { 'example.com/team': ['blue'] } }
    const { spec, status } = await create({ username: 'root', uid: 'forged', groups: ['system:masters'], extra: { a: ['b'] } }, ann)
    expect(spec).toEqual({ ...specOf(), username: 'ann', uid: 'u1', groups: ['dev', 'system:authenticated'], extra: { 'example.com/team': ['blue'] } })
    expect(status).toEqual({})
    expect((await create({ extra: { a: ['b'] } })).spec).toEqual({ ...specOf(), username: 'root', groups: ['system:masters', 'system:authenticated'] })
  })

  it('changes by its own path in its metadata alone', async () => {
    const made = await create()
    const changed = await put(made, { metadata: { ...made.metadata, labels: { a: 'b' } }, spec: specOf({ signerName: 'example.com/x' }), status: { conditions: [approved] } })
    expect(changed).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { signerName: client, username: 'root' } })
    expect(changed.status).toEqual({})
  })

  it.each<[object, string[]]>([
    [{ request: 'AAAA' }, ['spec.request: Invalid value: "AAAA": PEM block type must be CERTIFICATE REQUEST']],
    [{ usages: [] }, ['spec.usages: Required value']],
    [{ usages: ['client auth', 'client auth'] }, ['spec.usages[1]: Duplicate value: "client auth"']],
    [{ expirationSeconds: 599 }, ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)']],
    [{ signerName: 'plain' }, [`spec.signerName: Invalid value: "plain": must be a fully qualified domain and path of the form 'example.com/signer-name'`]],
    [{ signerName: 'local/x' }, ['spec.signerName: Invalid value: "local": should be a domain with at least two segments separated by dots']],
    [{ signerName: 'kubernetes.io/legacy-unknown' }, ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version']],
  ])('with %j is refused', async (more, expected) => {
    expect(await causes(create(more))).toEqual(expected)
  })

  it('for a client that would be an administrator is refused', async () => {
    const { base64: request } = await makeRequest('O=system:masters, CN=root')
    expect((await refusal(create({ request }))).message).toMatch(/ is forbidden: use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed$/)
    await create({ request, signerName: 'example.com/other' })
  })

  it('is shown with what people look for', async () => {
    const csr = await create({ expirationSeconds: 3600 })
    const cells = (shown: CertificateSigningRequest) => csrKind.columns?.slice(1).map((column) => column.cell(shown, 0))
    expect(cells(csr)).toEqual([client, 'root', '60m', 'Pending'])
    expect(cells({ ...csr, status: { certificate: 'x', conditions: [approved, { type: 'Failed', status: 'True' }] } })?.at(-1)).toBe('Approved,Failed,Issued')
    expect(cells({ ...csr, status: { conditions: [denied] } })?.at(-1)).toBe('Denied')
    expect(csrKind.selectableFields?.['spec.signerName']?.(csr)).toBe(client)
  })
})

describe('the decision about a CertificateSigningRequest', () => {
  it('is made through approval, with the time it was made, and for good', async () => {
    const made = await create()
    const decided = await put(made, { spec: specOf({ signerName: 'example.com/x' }), status: { certificate, conditions: [approved] } }, 'approval')
    const now = '2026-01-01T00:00:00Z'
    expect(decided.spec.signerName).toBe(client)
    expect(decided.status).toEqual({ conditions: [{ ...approved, lastUpdateTime: now, lastTransitionTime: now }] })
    const forbidden = (what: string) => [`status.conditions: Forbidden: updates may not ${what}`]
    expect(await causes(put(decided, { status: {} }, 'approval'))).toEqual(forbidden('remove a condition of type "Approved"'))
    expect(await causes(put(decided, { status: { conditions: [approved, denied] } }, 'approval')))
      .toEqual(['status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'])
    expect(await causes(put(decided, { status: { conditions: [{ ...approved, status: 'False' }] } }, 'approval')))
      .toEqual(['status.conditions[0].status: Unsupported value: "False": supported values: "True"'])
    const undecided = await create()
    expect(await causes(put(undecided, { status: { conditions: [approved] } }, 'status'))).toEqual(forbidden('add a condition of type "Approved"'))
    const refused = await put(undecided, { status: { conditions: [denied] } }, 'approval')
    expect(await causes(put(refused, { status: { conditions: [approved] } }, 'status')))
      .toEqual([...forbidden('remove a condition of type "Denied"'), ...forbidden('add a condition of type "Approved"')])
  })

  it('is for who may approve for the signer, or for all signers of its domain', async () => {
    const { verbs } = fixture
    const made = await create()
    await addRole(verbs, 'updater', [{ apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'], verbs: ['update'] }])
    const signers = (name: string, verb: string, signer: string) => addRole(verbs, name, [{ apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: [signer], verbs: [verb] }])
    await signers('one', 'approve', client)
    await signers('domain', 'approve', 'kubernetes.io/*')
    await signers('signs', 'sign', client)
    for (const [user, roles] of [['ann', ['updater']], ['bob', ['updater', 'one']], ['eve', ['updater', 'domain']], ['sam', ['updater', 'signs']]] as const)
      for (const name of roles) await bind(verbs, `${user}-${name}`, [toUser(user)], name)
    const approve = (user: string) => put(made, { metadata: { name: made.metadata.name }, status: { conditions: [approved] } }, 'approval', person(user))
    const sign = (user: string) => put(made, { metadata: { name: made.metadata.name }, status: { certificate, conditions: [approved] } }, 'status', person(user))
    for (const user of ['ann', 'sam'])
      expect((await refusal(approve(user))).message).toContain(`is forbidden: user not permitted to approve requests with signerName "${client}"`)
    await approve('bob')
    await approve('eve')
    expect((await refusal(sign('eve'))).message).toContain(`is forbidden: user not permitted to sign requests with signerName "${client}"`)
    await sign('sam')
  })
})

describe('the certificate of a CertificateSigningRequest', () => {
  it('is one, and is set once', async () => {
    const made = await create()
    const refused = (status: object) => causes(put(made, { status }, 'status'))
    const text = (pem: string) => Buffer.from(pem).toString('base64')
    expect(await refused({ certificate: text('none') })).toEqual(['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'])
    expect(await refused({ certificate: base64 })).toEqual(['status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"'])
    expect(await refused({ certificate: text('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') })).toEqual(['status.certificate: Invalid value: "<certificate data>": x509: malformed certificate'])
    const issued = await put(made, { status: { certificate } }, 'status')
    expect(issued.status?.certificate).toBe(certificate)
    expect(await causes(put(issued, { status: { certificate: other } }, 'status'))).toEqual(['status.certificate: Forbidden: updates may not modify existing certificate content'])
    expect((await put(issued, { status: { conditions: [approved] } }, 'approval')).status?.certificate).toBe(certificate)
  })
})
