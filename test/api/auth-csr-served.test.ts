import { request } from 'node:https'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authorizedVerbs } from '../../src-main/api/auth/authorized-verbs.ts'
import { controllerUser } from '../../src-main/api/auth/controller-roles.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { Informers } from '../../src-main/client/informer.ts'
import { localClient } from '../../src-main/client/local.ts'
import { runController } from '../../src-main/controllers/controller.ts'
import { csrApproving } from '../../src-main/controllers/csr-approving.ts'
import { csrSigning } from '../../src-main/controllers/csr-signing.ts'
import { certificateSigningRequest as csrKind, type CertificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { makeRequest } from '../fixtures/certificate-requests.ts'
import { eventually } from '../fixtures/eventually.ts'
import { as, bind, person, toGroup } from './auth-fixture.ts'
import { type ServedAccess, servedAccess } from './auth-served.ts'

/** The controllers as the cluster runs them, each with no more than its own rights. */
async function withControllers(): Promise<ServedAccess> {
  const served = await servedAccess()
  const { verbs, access } = served
  const stopping = new AbortController()
  const clientOf = (user: { name: string; groups: readonly string[] }) => localClient(authorizedVerbs(verbs, user, access.authorize), user)
  const informers = new Informers(clientOf({ name: 'system:kube-controller-manager', groups: [] }), systemClock, silent, stopping.signal)
  const running = [csrApproving, csrSigning(served.ca)].map((controller) =>
    runController(controller, { client: clientOf(controllerUser(controller.name)), informers, recorder: () => ({ event: () => undefined }), clock: systemClock, log: silent, signal: stopping.signal }),
  )
  onTestFinished(async () => {
    stopping.abort()
    await Promise.all(running)
  })
  return served
}

function whoAmI({ url, ca }: ServedAccess, cert: string, key: string): Promise<{ code: number; user: object }> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  return new Promise((resolve, reject) => {
    const options = { ca: ca.cert, cert, key, method: 'POST', headers: { 'content-type': 'application/json' }, agent: false as const }
    const req = request(`${url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, options, (res) => {
      let text = ''
      res.on('data', (chunk: Buffer) => (text += chunk.toString()))
      res.on('end', () => resolve({ code: res.statusCode ?? 0, user: (JSON.parse(text) as { status: { userInfo: object } }).status.userInfo }))
    })
    req.on('error', reject)
    req.end(JSON.stringify(body))
  })
}

const issued = ({ verbs }: ServedAccess, name: string): Promise<CertificateSigningRequest> =>
  eventually('a certificate', async () => {
    const csr = (await verbs.get(csrKind, { name })).object as CertificateSigningRequest
    return csr.status?.certificate !== undefined && csr
  })
const pemOf = ({ status }: CertificateSigningRequest): string => Buffer.from(status!.certificate!, 'base64').toString()

describe('a certificate of the cluster', () => {
  it('that a person approved lets its owner in, as the user and with the groups that it says', async () => {
    const served = await withControllers()
    const { base64, key } = await makeRequest('O=dev, O=ops, CN=jane', { key: 'rsa' })
    const { object } = await served.verbs.create(csrKind, undefined, {
      metadata: { name: 'jane' }, spec: { request: base64, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] },
    }, as(person('ann')))
    const status = { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] }
    await served.verbs.update(csrKind, { name: 'jane' }, structuredClone({ ...object, status }), as(person('root', 'system:masters')), 'approval')
    const said = await whoAmI(served, pemOf(await issued(served, 'jane')), key)
    expect(said).toMatchObject({ code: 201, user: { username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] } })
    expect(said.user).toHaveProperty(['extra', 'authentication.kubernetes.io/credential-id', 0], expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/))
  })

  it('comes without a person for a node that joins, when the one who asks may have that', async () => {
    const served = await withControllers()
    const bootstrapper = { name: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:authenticated'] }
    const { base64, key } = await makeRequest('O=system:nodes, CN=system:node:n1')
    const ask = async (name: string) => served.verbs.create(csrKind, undefined, {
      metadata: { name }, spec: { request: base64, signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth', 'digital signature'] },
    }, as(bootstrapper))
    await ask('refused')
    await bind(served.verbs, 'approve', [toGroup('system:bootstrappers')], 'system:certificates.k8s.io:certificatesigningrequests:nodeclient')
    await ask('allowed')
    const csr = await issued(served, 'allowed')
    expect(conditionOf(csr.status?.conditions, 'Approved')).toMatchObject({ reason: 'AutoApproved', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' })
    expect(await whoAmI(served, pemOf(csr), key)).toMatchObject({ code: 201, user: { username: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] } })
    expect(((await served.verbs.get(csrKind, { name: 'refused' })).object as CertificateSigningRequest).status).toEqual({})
  })
})
