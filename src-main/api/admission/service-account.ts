import type { Pod } from '../../kinds/core/pod.ts'
import { serviceAccount as accountKind, type ServiceAccount } from '../../kinds/core/service-account.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

/**
 * A pod runs as a ServiceAccount of its namespace, `default` unless it says another, and pulls images with the account's
 * secrets unless it has its own.
 *
 * `default` may be missing: a controller makes it shortly after the namespace and again when it is deleted. kube-apiserver
 * waits about a second for it; here the pod is let in at once, as the account that is about to be there, so that nobody who
 * makes a namespace and a pod in one go is refused. Until it is there no token can be had, and the kubelet tries again.
 */
export const serviceAccountAdmission: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request) {
    const { operation, kind, object } = request
    if (operation !== 'CREATE' || kind.kind !== 'Pod' || kind.group !== '') return
    const { spec } = object as Pod
    if (!spec) return
    spec.serviceAccountName ||= spec.serviceAccount || 'default'
    spec.serviceAccount = spec.serviceAccountName
    const account = accountNamed(request, spec.serviceAccountName)
    if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length)
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
  },
}

/** @throws StatusError 403 when there is none and none is about to come */
function accountNamed({ kind, name, namespace, read }: AdmissionRequest, account: string): ServiceAccount | undefined {
  const stored = account.includes('/') ? undefined : read.get(keyFor(accountKind, { namespace, name: account }))
  if (stored) return objectOf(stored) as ServiceAccount
  if (account === 'default') return undefined
  throw forbidden(kind, name, `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`)
}
