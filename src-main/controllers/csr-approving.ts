import { parseCertificateRequest } from '../base/certificate-request.ts'
import { subjectAccessReview } from '../kinds/authorization/subject-access-review.ts'
import { certificateSigningRequest, type CertificateSigningRequest } from '../kinds/certificates/certificate-signing-request.ts'
import { conditionOf, refOf } from '../kinds/meta.ts'
import { type Context, type Controller, done, every } from './controller.ts'
import { kubeletClient, signers } from './csr-signers.ts'

/** What a requestor must be allowed to create for an approval without a person, and what the approval says. */
const approvals = [
  { permission: 'selfnodeclient', itself: true, message: 'Auto approving self kubelet client certificate after SubjectAccessReview.' },
  { permission: 'nodeclient', itself: false, message: 'Auto approving kubelet client certificate after SubjectAccessReview.' },
] as const

/** Approves what kubelets ask for when they may: client certificates for a node, or for the node that asks. */
export const csrApproving: Controller = {
  name: 'certificatesigningrequest-approving-controller',
  watches: [every(certificateSigningRequest)],
  async reconcile(key, { read, client }) {
    const csr = await read(certificateSigningRequest, key)
    const names = csr ? permissionsFor(csr) : []
    for (const { permission, message } of names) {
      if (!csr || !(await isAllowed(client, csr, permission))) continue
      const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message }
      const conditions = [...(csr.status?.conditions ?? []), approved]
      const { resourceVersion } = csr.metadata
      await client.patch(certificateSigningRequest, refOf(csr), { type: 'merge', body: { metadata: { resourceVersion }, status: { conditions } } }, { subresource: 'approval' })
      return done
    }
    return done
  },
}

/** The approvals that a request could have; none when it has been decided about, or is no kubelet's. */
export function permissionsFor({ spec, status }: Readonly<CertificateSigningRequest>): ReadonlyArray<(typeof approvals)[number]> {
  const decided = ['Approved', 'Denied'].some((type) => conditionOf(status?.conditions, type))
  if (status?.certificate || decided || spec.signerName !== kubeletClient) return []
  const request = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
  if (signers[kubeletClient]?.(request, spec.usages ?? []) !== undefined) return []
  return approvals.filter(({ itself }) => !itself || spec.username === request.commonName)
}

async function isAllowed(client: Context['client'], { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { status } = await client.create(subjectAccessReview, {
    metadata: {},
    spec: {
      user: spec.username, uid: spec.uid, groups: spec.groups, extra: spec.extra,
      resourceAttributes: { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource },
    },
  })
  return status?.allowed ?? false
}
