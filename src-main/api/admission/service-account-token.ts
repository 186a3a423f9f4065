import type { Pod } from '../../kinds/core/pod.ts'
import type { ServiceAccount } from '../../kinds/core/service-account.ts'
import type { Container, Volume } from '../../kinds/generated/types.ts'
import { suffix } from '../generate-name.ts'

const volumePrefix = 'kube-api-access-'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
/** An hour and 7 seconds: the figure by which kube-apiserver tells tokens of this volume from others. */
export const injectedTokenSeconds = 3607

/** Whether the pod is given a token of its account; what the pod says goes before what the account says. */
export const wantsToken = ({ spec }: Readonly<Pod>, account: Readonly<ServiceAccount> | undefined): boolean =>
  spec?.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true

/** Mounts what a pod needs to talk to the API server in each container that has nothing else there. Changes `spec` in place. */
export function mountToken(spec: NonNullable<Pod['spec']>, random: () => number = Math.random): void {
  const existing = spec.volumes?.find(({ name }) => name?.startsWith(volumePrefix))
  const name = existing?.name ?? volumePrefix + suffix(random)
  const has = ({ volumeMounts = [] }: Container) => volumeMounts.some((mount) => mount.mountPath === mountPath)
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  if (all.every(has)) return
  const mounted = (container: Container): Container =>
    has(container) ? container : { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }] }
  if (spec.initContainers) spec.initContainers = spec.initContainers.map(mounted)
  spec.containers = spec.containers.map(mounted)
  if (!existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: injectedTokenSeconds, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
    defaultMode: 0o644,
  },
})
