import { sameValue } from '../../kinds/same-value.ts'
import { forbidden } from '../../kinds/status-error.ts'
import type { AdmissionPlugin } from './chain.ts'
import { type BoundResize, boundResize } from './pod-resize.ts'

/** What a change of a running pod asks of its node: k8s.io/component-helpers/nodedeclaredfeatures. */
const features: Readonly<Record<string, (resize: BoundResize) => boolean>> = {
  InPlacePodLevelResourcesVerticalScaling: ({ pod, old }) => !sameValue(pod.spec?.resources, old.spec?.resources),
  InPlacePodVerticalScalingInitContainers: ({ pod, old }) =>
    (old.spec?.initContainers ?? []).some(
      ({ restartPolicy, resources }, i) => restartPolicy !== 'Always' && !sameValue(resources, pod.spec?.initContainers?.[i]?.resources),
    ),
}

/** Refuses a resize that the pod's node does not say it can do. */
export const nodeDeclaredFeatures: AdmissionPlugin = {
  name: 'NodeDeclaredFeatureValidator',
  validate(request) {
    const resize = boundResize(request)
    if (!resize) return
    const { metadata, status } = resize.node
    const missing = Object.entries(features).filter(([name, asks]) => asks(resize) && !status?.declaredFeatures?.includes(name)).map(([name]) => name)
    if (missing.length === 0) return
    throw forbidden(request.kind, request.name, `pod update requires features ${missing.join(', ')} which are not available on node "${metadata.name}"`)
  },
}
