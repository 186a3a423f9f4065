import type { Pod } from '../../kinds/core/pod.ts'
import { serviceAccount as accountKind, type ServiceAccount } from '../../kinds/core/service-account.ts'
import { forbidden, plainFailure } from '../../kinds/status-error.ts'
import { podReferences } from '../auth/pod-references.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'
import { namesItsSecrets, unnamedSecret, unnamedSecretLater } from './mountable-secrets.ts'
import { mountToken, wantsToken } from './service-account-token.ts'

const mirror = 'kubernetes.io/config.mirror'

/**
 * A pod runs as a ServiceAccount of its namespace, `default` unless it says another, and pulls images with the account's
 * secrets unless it has its own. Its containers get the account's token, unless pod or account refuse.
 *
 * `default` may be missing: a controller makes it shortly after the namespace and again when it is deleted. kube-apiserver
 * waits about a second for it; here the pod is let in at once, as the account that is about to be there, so that nobody who
 * makes a namespace and a pod in one go is refused. Until it is there no token can be had, and the kubelet tries again.
 */
export const serviceAccountAdmission: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request) {
    const { operation, kind, object } = request
    if (kind.kind !== 'Pod' || kind.group !== '') return
    if (operation !== 'CREATE') return checkEphemeral(request)
    const { spec, metadata } = object as Pod
    // what a node tells of its own static pods is nobody's account
    if (!spec || metadata.annotations?.[mirror] !== undefined) return checkMirror(request)
    spec.serviceAccountName ||= spec.serviceAccount || 'default'
    spec.serviceAccount = spec.serviceAccountName
    const account = accountNamed(request, spec.serviceAccountName)
    if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
    if (wantsToken(object as Pod, account)) mountToken(spec)
    const cause = account && namesItsSecrets(account) ? unnamedSecret(object as Pod, account) : undefined
    if (cause) throw forbidden(kind, request.name, cause)
  },
}

/** @throws StatusError 403 */
function checkMirror({ kind, name, object }: AdmissionRequest): void {
  const cause = mirrorCause(object as Pod)
  if (cause) throw forbidden(kind, name, cause)
}

/** @throws StatusError 403, 500 */
function checkEphemeral(request: AdmissionRequest): void {
  const { operation, subresource, kind, namespace, name, object } = request
  if (operation !== 'UPDATE' || subresource !== 'ephemeralcontainers') return
  const { spec } = object as Pod
  if (!spec?.serviceAccountName) throw forbidden(kind, name, `no service account specified for pod ${namespace}/${name}`)
  const account = accountNamed(request, spec.serviceAccountName)
  const cause = account && namesItsSecrets(account) ? unnamedSecretLater(object as Pod, account) : undefined
  // Kubernetes calls this nobody's mistake
  if (cause) throw plainFailure(cause)
}

/** Why a mirror pod is refused: it has no account, and so nothing that an account brings. */
function mirrorCause({ metadata, spec }: Readonly<Pod>): string | undefined {
  if (metadata.annotations?.[mirror] === undefined) return undefined
  if (spec?.serviceAccountName) return 'a mirror pod may not reference service accounts'
  const secret = podReferences({ metadata, spec }).some((each) => each.startsWith('secrets/'))
  if (secret) return 'a mirror pod may not reference secrets'
  const projected = spec?.volumes?.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken))
  return projected ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined
}

/** @throws StatusError 403 when there is none and none is about to come */
function accountNamed({ kind, name, namespace, read }: AdmissionRequest, account: string): ServiceAccount | undefined {
  const stored = account.includes('/') ? undefined : read.get(keyFor(accountKind, { namespace, name: account }))
  if (stored) return objectOf(stored) as ServiceAccount
  if (account === 'default') return undefined
  throw forbidden(kind, name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`)
}
