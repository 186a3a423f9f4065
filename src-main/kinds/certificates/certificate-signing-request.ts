import { timestamp } from '../../base/clock.ts'
import { age, showDuration } from '../columns.ts'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkRequest, checkSignerName, checkStatus, checkStatusUpdate, checkUsages, decisions } from './checks.ts'

export type { CertificateSigningRequest }

const none: CertificateSigningRequest['spec'] = { request: '', signerName: '' }

/** Its signer may be any text from outside: `kubernetes.io/...` are those of this cluster. */
export const certificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', plural: 'certificatesigningrequests', shortNames: ['csr'],
  namespaced: false,
  names: 'path-segment',
  ownRules: true,
  schema: 'io.k8s.api.certificates.v1.CertificateSigningRequest',
  status: true,
  parts: {
    approval: (incoming, old) => withConditions(old, incoming.status?.conditions),
    status: (incoming, old) => withConditions(incoming, keptDecisions(incoming.status?.conditions, old)),
  },
  prepareCreate: (csr) => {
    csr.status = {}
  },
  // only subresources change anything but metadata
  prepareUpdate: (csr, old) => {
    csr.spec = old.spec
  },
  validate: (csr, root, old) => {
    const { spec = none } = csr
    const at = root.child('spec')
    const { expirationSeconds, usages = [], signerName = '', request = '' } = spec
    const short = typeof expirationSeconds === 'number' && expirationSeconds < 600
    const legacy = signerName === 'kubernetes.io/legacy-unknown' && old?.spec?.signerName !== signerName
    return [
      ...(old && request === old.spec?.request ? [] : checkRequest(request, at.child('request'))),
      ...checkUsages(usages, at.child('usages')),
      ...(legacy ? [at.child('signerName').invalid(signerName, 'the legacy signerName is not allowed via this API version')] : checkSignerName(signerName, at.child('signerName'))),
      ...(short ? [at.child('expirationSeconds').invalid(expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')] : []),
      ...checkStatus(csr, root.child('status'), old),
    ]
  },
  validatePart: (subresource, csr, old, at) => [
    ...(subresource === 'status' ? checkStatus(csr, at.child('status'), old) : []), ...checkStatusUpdate(subresource, csr, old, at.child('status')),
  ],
  selectableFields: { 'spec.signerName': ({ spec = none }) => spec.signerName ?? '' },
  columns: [
    age,
    { name: 'SignerName', type: 'string', of: 'spec.signerName', cell: ({ spec = none }) => spec.signerName || '<none>' },
    { name: 'Requestor', type: 'string', of: 'spec.request', cell: ({ spec = none }) => spec.username ?? '' },
    { name: 'RequestedDuration', type: 'string', of: 'spec.expirationSeconds', cell: ({ spec = none }) => (spec.expirationSeconds === undefined ? '<none>' : showDuration(spec.expirationSeconds * 1000)) },
    { name: 'Condition', type: 'string', of: 'status.conditions', cell: conditionText },
  ],
})

type Conditions = readonly CertificateSigningRequestCondition[]

function withConditions(csr: Readonly<CertificateSigningRequest>, conditions: Conditions = []): CertificateSigningRequest {
  const { conditions: _conditions, ...status } = csr.status ?? {}
  return { ...csr, status: { ...status, ...(conditions.length > 0 ? { conditions: [...conditions] } : {}) } }
}

/** A status brings no news about decisions: they stay as they were, unless some were added or taken away, which is refused later. */
const keptDecisions = (conditions: Conditions | undefined, old: Readonly<CertificateSigningRequest>): Conditions | undefined =>
  decisions.reduce<Conditions | undefined>((kept, type) => {
    const before = (old.status?.conditions ?? []).filter((condition) => condition.type === type)
    if (kept?.filter((condition) => condition.type === type).length !== before.length) return kept
    let next = 0
    return kept.map((condition) => (condition.type === type ? before[next++]! : condition))
  }, conditions)

/** The conditions with the times that nobody said. */
export function stampedConditions({ status }: Readonly<CertificateSigningRequest>, old: Readonly<CertificateSigningRequest>, now: number): CertificateSigningRequestCondition[] | undefined {
  const keyOf = ({ type, status: is }: CertificateSigningRequestCondition): string => JSON.stringify([type, is])
  const known = new Map(old.status?.conditions?.toReversed().map((condition) => [keyOf(condition), condition]))
  return status?.conditions?.map((condition) => {
    const before = known.get(keyOf(condition))
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime || timestamp(now),
      lastTransitionTime: condition.lastTransitionTime || before?.lastTransitionTime || timestamp(now),
    }
  })
}

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type)
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending']
  if (has('Failed')) words.push('Failed')
  if (status?.certificate) words.push('Issued')
  return words.join(',')
}
