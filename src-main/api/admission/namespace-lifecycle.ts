import { namespace as namespaceKind } from '../../kinds/core/namespace.ts'
import type { Namespace } from '../../kinds/core/namespace.ts'
import { forbidden, notFound, StatusError } from '../../kinds/status-error.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

const immortal: readonly string[] = ['default', 'kube-system', 'kube-public']

/**
 * Objects are created only in namespaces that are there to stay, and so are evictions, bindings and tokens; nothing is connected
 * to in one that is not there. The system's own namespaces cannot be deleted.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  everywhere: true,
  admit(request) {
    if (request.kind.namespaced && (request.operation === 'CREATE' || request.operation === 'CONNECT') && !isAccessReview(request)) mustAccept(request)
  },
  validate({ operation, kind, name }) {
    if (operation === 'DELETE' && kind.kind === 'Namespace' && kind.group === '' && immortal.includes(name)) {
      throw forbidden(kind, name, 'this namespace may not be deleted')
    }
  },
}

/** What it says of the namespace would tell who asks more than they may know. */
const isAccessReview = ({ kind }: AdmissionRequest): boolean => kind.plural === 'localsubjectaccessreviews' && kind.group === 'authorization.k8s.io'

function mustAccept({ kind, name, namespace = '', operation, read }: AdmissionRequest): void {
  const stored = read.get(keyFor(namespaceKind, { name: namespace }))
  if (!stored) throw notFound(namespaceKind, namespace)
  if (operation === 'CONNECT' || (objectOf(stored) as Namespace).status?.phase !== 'Terminating') return
  const { status } = forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  )
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  throw new StatusError({ ...status, details: { ...status.details, causes: [cause] } })
}
