import { timingSafeEqual } from 'node:crypto'
import { secret as secretKind, type Secret } from '../../kinds/core/secret.ts'
import { keyFor } from '../keys.ts'
import type { Reader } from '../admission/chain.ts'
import { objectOf } from '../read.ts'
import type { User } from '../verbs.ts'

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/

/** Whom a bootstrap token of kubeadm's kind belongs to: a Secret in kube-system that is one, is in time, and may sign in. */
export function bootstrapUser(read: Pick<Reader, 'get'>, token: string, now: number): User | undefined {
  const [, id = '', secret = ''] = form.exec(token) ?? []
  if (id === '') return undefined
  const stored = read.get(keyFor(secretKind, { namespace: 'kube-system', name: `bootstrap-token-${id}` }))
  if (!stored) return undefined
  const { data = {}, type, metadata } = objectOf(stored) as Secret
  const text = (key: string): string =>
    Buffer.from((Object.hasOwn(data, key) ? data[key] : undefined) ?? '', 'base64').toString('utf8')
  if (type !== 'bootstrap.kubernetes.io/token' || metadata.deletionTimestamp) return undefined
  if (text('token-id') !== id || !same(text('token-secret'), secret)) return undefined
  if (text('usage-bootstrap-authentication') !== 'true' || isOver(text('expiration'), now)) return undefined
  const extra = text('auth-extra-groups').split(',').filter(Boolean)
  // no Secret makes an administrator: other groups than these would
  if (extra.some((group) => !/^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group))) return undefined
  return { name: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra, 'system:authenticated'] }
}

/** A time that cannot be read counts as over. */
const isOver = (expiration: string, now: number): boolean => expiration !== '' && !(Date.parse(expiration) > now)

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
