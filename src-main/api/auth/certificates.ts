import { parseCertificateRequest } from '../../base/certificate-request.ts'
import type { Clock } from '../../base/clock.ts'
import { certificateSigningRequest, type CertificateSigningRequest, stampedConditions } from '../../kinds/certificates/certificate-signing-request.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { forbidden } from '../../kinds/status-error.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.ts'
import type { Authorize } from '../authz.ts'
import type { User } from '../verbs.ts'
import { userInfo } from './reviews.ts'

const { group, kind: kindName } = certificateSigningRequest
const isRequest = ({ kind }: AdmissionRequest): boolean => kind.group === group && kind.kind === kindName

/** A request says who made it, and nobody says that of themselves. */
const requester: AdmissionPlugin = {
  name: 'CertificateRequester',
  admit(request) {
    if (request.operation !== 'CREATE' || !isRequest(request)) return
    const object = request.object as CertificateSigningRequest
    const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...spec } = object.spec ?? {}
    object.spec = { ...spec, ...userInfo(request.context.user) }
  },
}

const conditionTimes = (clock: Clock): AdmissionPlugin => ({
  name: 'CertificateConditionTimes',
  admit(request) {
    if (request.operation !== 'UPDATE' || !request.subresource || !isRequest(request)) return
    const [object, old] = [request.object, request.old] as [CertificateSigningRequest, CertificateSigningRequest]
    const conditions = stampedConditions(object, old, clock.now())
    if (conditions) object.status = { ...object.status, conditions }
  },
})

/** Nobody asks this cluster for a certificate of its administrators. */
const subjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(request) {
    if (request.operation !== 'CREATE' || !isRequest(request)) return
    const { spec } = request.object as CertificateSigningRequest
    if (spec.signerName !== 'kubernetes.io/kube-apiserver-client') return
    const { organizations } = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
    if (!organizations.includes('system:masters')) return
    throw refused(request, `use of ${spec.signerName} signer with system:masters group is not allowed`)
  },
}

const refused = ({ kind, name }: AdmissionRequest, cause: string) => forbidden(kind, name, cause)

/** `/approval` and `/status` are for those who may approve and sign for the signer that the request names. */
export const certificateAdmission = (authorize: Authorize, clock: Clock): AdmissionPlugin[] => [
  requester,
  conditionTimes(clock),
  {
    name: 'CertificateApproval',
    validate(request) {
      if (request.subresource === 'approval' && isRequest(request)) checkSigner(authorize, request, 'approve')
    },
  },
  {
    name: 'CertificateSigning',
    validate(request) {
      if (request.operation !== 'UPDATE' || request.subresource !== 'status' || !isRequest(request)) return
      const [{ status }, { status: before }] = [request.object, request.old] as [CertificateSigningRequest, CertificateSigningRequest]
      const same = status?.certificate === before?.certificate && sameValue(status?.conditions, before?.conditions)
      if (!same) checkSigner(authorize, request, 'sign')
    },
  },
  subjectRestriction,
]

/** @throws StatusError 403 */
function checkSigner(authorize: Authorize, request: AdmissionRequest, verb: 'approve' | 'sign'): void {
  const { signerName } = (request.old as CertificateSigningRequest).spec
  if (maySign(authorize, request.context.user, verb, signerName)) return
  throw refused(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`)
}

/** For the signer, or for all of its domain: `example.com/*`. */
const maySign = (authorize: Authorize, user: User, verb: string, signerName: string): boolean =>
  [signerName, `${signerName.split('/')[0]}/*`].some((name) => authorize(user, { verb, group, version: '*', resource: 'signers', name }).allowed)
