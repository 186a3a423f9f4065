import { createHmac } from 'node:crypto'
import { equalJson } from '../base/json.ts'
import type { Seen } from '../client/informer.ts'
import { type BootstrapToken, bootstrapTokenOf } from '../kinds/core/bootstrap-token.ts'
import { configMap as configMapKind, type ConfigMap } from '../kinds/core/config-map.ts'
import { secret as secretKind, type Secret } from '../kinds/core/secret.ts'
import { keyOf } from '../kinds/meta.ts'
import { type Controller, done } from './controller.ts'

const clusterInfo = 'kube-public/cluster-info'
const prefix = 'jws-kubeconfig-'

/**
 * Signs the kubeconfig in ConfigMap cluster-info with every bootstrap token that may sign, so that who has a token can
 * tell that the kubeconfig is this cluster's.
 */
export const bootstrapSigner: Controller = {
  name: 'bootstrap-signer',
  watches: [
    { kind: configMapKind, keys: ({ object }: Seen<ConfigMap>) => (keyOf(object) === clusterInfo ? [clusterInfo] : []) },
    { kind: secretKind, keys: ({ object, old }: Seen<Secret>) => (isToken(object) || (old && isToken(old)) ? [clusterInfo] : []) },
  ],
  async reconcile(key, { read, readAll, client, clock }) {
    const info = await read(configMapKind, key)
    if (!info || info.metadata.deletionTimestamp) return done
    const tokens = (await readAll(secretKind, 'kube-system')).flatMap((secret) => bootstrapTokenOf(secret) ?? [])
    const plan = planSignatures(info, tokens.filter(({ expiresAt }) => expiresAt > clock.now()))
    if (plan) await client.update(configMapKind, plan)
    return done
  },
}

const isToken = ({ metadata, type }: Secret): boolean => metadata.namespace === 'kube-system' && type === 'bootstrap.kubernetes.io/token'

/** The ConfigMap with the signatures it must have; undefined when it has them. */
export function planSignatures(info: Readonly<ConfigMap>, tokens: readonly BootstrapToken[]): ConfigMap | undefined {
  const content = info.data?.['kubeconfig']
  if (content === undefined) return undefined
  const signing = tokens.filter(({ id, secret, signsConfig }) => signsConfig && id !== '' && secret !== '')
  const others = Object.entries(info.data ?? {}).filter(([key]) => !key.startsWith(prefix))
  const data = Object.fromEntries([...others, ...signing.map((token) => [prefix + token.id, signature(content, token)] as const)])
  return equalJson(data, info.data) ? undefined : { ...info, data }
}

/** A JWS without its content, which stands beside it. */
function signature(content: string, { id, secret }: BootstrapToken): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64url')
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }))
  return `${header}..${createHmac('sha256', secret).update(`${header}.${encoded(content)}`).digest('base64url')}`
}
