import { configMap as configMapKind, type ConfigMap } from '../kinds/core/config-map.ts'
import { namespace as namespaceKind } from '../kinds/core/namespace.ts'
import { isAlreadyExists, isTerminatingNamespace } from '../kinds/status-error.ts'
import type { Seen } from '../client/informer.ts'
import { type Controller, done, every, type Watch } from './controller.ts'

const name = 'kube-root-ca.crt'
const descriptionKey = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

const published: Watch = {
  kind: configMapKind,
  keys: ({ object: { metadata } }: Seen<ConfigMap>) => (metadata.name === name ? [metadata.namespace ?? ''] : []),
}

/** Gives every namespace the ConfigMap by which its pods verify the API server: `ca.crt` is the cluster's authority, PEM. */
export const rootCa = (caPem: string): Controller => ({
  name: 'root-ca-cert-publisher',
  watches: [every(namespaceKind), published],
  async reconcile(key, { read, client }) {
    const namespace = await read(namespaceKind, key)
    if (!namespace || namespace.metadata.deletionTimestamp) return done
    const current = await read(configMapKind, `${key}/${name}`)
    const plan = planRootCa(current, key, caPem)
    try {
      if (plan) await (current ? client.update(configMapKind, plan) : client.create(configMapKind, plan))
    } catch (error) {
      if (!isAlreadyExists(error) && !isTerminatingNamespace(error)) throw error
    }
    return done
  },
})

/** The ConfigMap as it must be; undefined when it already is so. */
export function planRootCa(current: Readonly<ConfigMap> | undefined, namespace: string, caPem: string): ConfigMap | undefined {
  const data = { 'ca.crt': caPem }
  const keys = Object.keys(current?.data ?? {})
  const same = keys.length === 1 && current?.data?.['ca.crt'] === caPem
  if (same && current.metadata.annotations?.[descriptionKey] === description) return undefined
  const metadata = current?.metadata ?? { name, namespace }
  const annotations = { ...metadata.annotations, [descriptionKey]: description }
  return { ...current, apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, annotations }, data }
}
