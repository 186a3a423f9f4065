import { timingSafeEqual } from 'node:crypto'
import { bootstrapTokenOf } from '../../kinds/core/bootstrap-token.ts'
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
  const known = stored && bootstrapTokenOf(objectOf(stored) as Secret)
  if (!known || !same(known.secret, secret) || !known.signsIn || !(known.expiresAt > now)) return undefined
  // no Secret makes an administrator: other groups than these would
  if (known.groups.some((group) => !/^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group))) return undefined
  const groups = [...new Set(['system:bootstrappers', ...known.groups])].sort()
  return { name: `system:bootstrap:${id}`, groups: [...groups, 'system:authenticated'] }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
