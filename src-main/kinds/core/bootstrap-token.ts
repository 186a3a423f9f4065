import { goTime } from '../../base/go-time.ts'
import { lookup } from '../lookup.ts'
import type { Secret } from './secret.ts'

/** A token of kubeadm's kind in a Secret of kube-system: `<id>.<secret>`. */
export interface BootstrapToken {
  readonly id: string
  readonly secret: string
  readonly signsIn: boolean
  readonly signsConfig: boolean
  /** Besides system:bootstrappers, as they are written: who signs in with it looks whether they may be. */
  readonly groups: readonly string[]
  /** In ms; Infinity when it has no end, and a time that cannot be read counts as over. */
  readonly expiresAt: number
}

/** The token that a Secret holds; undefined when it is none, or one that is being deleted. */
export function bootstrapTokenOf({ type, metadata, data }: Readonly<Secret>): BootstrapToken | undefined {
  const text = (key: string): string => Buffer.from(lookup(data, key) ?? '', 'base64').toString('utf8')
  const id = text('token-id')
  if (type !== 'bootstrap.kubernetes.io/token' || metadata.deletionTimestamp || metadata.name !== `bootstrap-token-${id}`) return undefined
  const [expiration, groups] = [text('expiration'), text('auth-extra-groups')]
  return {
    id,
    secret: text('token-secret'),
    signsIn: text('usage-bootstrap-authentication') === 'true',
    signsConfig: text('usage-bootstrap-signing') === 'true',
    groups: groups === '' ? [] : groups.split(','),
    expiresAt: expiration === '' ? Infinity : goTime(expiration) ?? 0,
  }
}
