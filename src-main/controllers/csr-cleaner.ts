import { X509Certificate } from 'node:crypto'
import { certificateSigningRequest, type CertificateSigningRequest } from '../kinds/certificates/certificate-signing-request.ts'
import { conditionOf } from '../kinds/meta.ts'
import { again, type Controller, done, every } from './controller.ts'
import { remove } from './deletion.ts'

const hour = 3_600_000
const decidedMs = hour
const waitingMs = 24 * hour

/** Forgets requests that have served, were refused, or that nobody decided about for a day. */
export const csrCleaner: Controller = {
  name: 'certificatesigningrequest-cleaner-controller',
  watches: [every(certificateSigningRequest)],
  async reconcile(key, { read, client, clock }) {
    const csr = await read(certificateSigningRequest, key)
    if (!csr) return done
    const left = expiryOf(csr) - clock.now()
    if (left > 0) return left === Infinity ? done : again(left)
    await remove(client, certificateSigningRequest, csr)
    return done
  },
}

/** When a request is to be forgotten, in ms; Infinity when it is not. */
export function expiryOf({ metadata, status }: Readonly<CertificateSigningRequest>): number {
  const times: number[] = []
  const after = (time: string | null | undefined, ms: number): void => {
    const at = Date.parse(time ?? '')
    if (!Number.isNaN(at)) times.push(at + ms)
  }
  if (!status?.conditions?.length) after(metadata.creationTimestamp, waitingMs)
  for (const type of ['Denied', 'Failed']) after(conditionOf(status?.conditions, type)?.lastUpdateTime, decidedMs)
  const approved = conditionOf(status?.conditions, 'Approved')
  if (approved) after(approved.lastUpdateTime, status?.certificate ? decidedMs : waitingMs)
  if (approved && status?.certificate) after(validUntil(status.certificate), 0)
  return Math.min(Infinity, ...times)
}

/** Of the first certificate; undefined for what is none, which then only its age takes away. */
function validUntil(base64: string): string | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).validTo
  } catch {
    return undefined
  }
}
