import { X509Certificate } from 'node:crypto'
import type { KeyPair } from '../base/cert.ts'
import { parseCertificateRequest } from '../base/certificate-request.ts'
import { timestamp } from '../base/clock.ts'
import { certificateSigningRequest } from '../kinds/certificates/certificate-signing-request.ts'
import { type Controller, done, every } from './controller.ts'
import { signerOf, validityOf } from './csr-signers.ts'

/** Signs approved requests for Kubernetes' own signers with the cluster's authority, or says why it does not. */
export const csrSigning = (ca: KeyPair): Controller => ({
  name: 'certificatesigningrequest-signing-controller',
  watches: [every(certificateSigningRequest)],
  async reconcile(key, { read, client, clock }) {
    const csr = await read(certificateSigningRequest, key)
    const signer = csr && signerOf(csr)
    if (!csr || !signer) return done
    const { spec, status } = csr
    const request = parseCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'))
    const usages = spec.usages ?? []
    const now = clock.now()
    const message = signer(request, usages)
    if (message !== undefined) {
      const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime: timestamp(now) }
      await client.updateStatus(certificateSigningRequest, { ...csr, status: { ...status, conditions: [...(status?.conditions ?? []), failed] } })
      return done
    }
    const { from, until } = validityOf(spec.expirationSeconds, now, Date.parse(new X509Certificate(ca.cert).validTo))
    const { signRequest } = await import('../base/sign-request.ts')
    const pem = await signRequest(ca, request, { usages, notBefore: new Date(from), notAfter: new Date(until) })
    await client.updateStatus(certificateSigningRequest, { ...csr, status: { ...status, certificate: Buffer.from(pem).toString('base64') } })
    return done
  },
})
