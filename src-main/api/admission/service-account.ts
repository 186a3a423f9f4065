import type { Pod } from '../../kinds/core/pod.ts'
import type { AdmissionPlugin } from './chain.ts'

/** A pod that names no service account runs as its namespace's `default`. */
export const serviceAccountAdmission: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit({ operation, kind, object }) {
    if (operation !== 'CREATE' || kind.kind !== 'Pod') return
    const { spec } = object as Pod
    if (!spec) return
    spec.serviceAccountName ||= spec.serviceAccount || 'default'
    spec.serviceAccount = spec.serviceAccountName
  },
}
