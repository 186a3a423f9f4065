import type { Pod } from '../../kinds/core/pod.ts'
import type { AdmissionPlugin } from './chain.ts'

/** As kube-apiserver's --default-not-ready-toleration-seconds and --default-unreachable-toleration-seconds. */
const tolerationSeconds = 300
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A pod stays five minutes on a node that is not ready or out of reach, unless it says otherwise. */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit({ operation, kind, subresource, object }) {
    if (operation === 'DELETE' || subresource !== undefined || kind.kind !== 'Pod') return
    const { spec } = object as Pod
    if (!spec) return
    const own = spec.tolerations ?? []
    const missing = taints.filter(
      (taint) =>
        !own.some(
          ({ key = '', effect = '' }) => (key === taint || key === '') && (effect === 'NoExecute' || effect === ''),
        ),
    )
    if (missing.length === 0) return
    const added = missing.map((key) => ({
      key,
      operator: 'Exists' as const,
      effect: 'NoExecute' as const,
      tolerationSeconds,
    }))
    spec.tolerations = [...own, ...added]
  },
}
