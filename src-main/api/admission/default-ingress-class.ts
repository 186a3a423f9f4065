import type { Ingress, IngressClass } from '../../kinds/generated/types.ts'
import { ingressClass as classKind } from '../../kinds/networking/ingress-class.ts'
import { newestFirst } from '../../kinds/meta.ts'
import { kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin } from './chain.ts'

const isDefault = ({ metadata }: IngressClass): boolean => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'

/** An Ingress that says nothing about its class gets the cluster's default one, the newest when there are several. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  admit({ operation, kind, subresource, object, read }) {
    if (operation !== 'CREATE' || kind.kind !== 'Ingress' || kind.group !== 'networking.k8s.io' || subresource) return
    const ingress = object as Ingress
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
    const [chosen] = read.list(kindPrefix(classKind)).map((stored) => objectOf(stored) as IngressClass).filter(isDefault).sort(newestFirst)
    if (chosen?.metadata.name) ingress.spec = { ...ingress.spec, ingressClassName: chosen.metadata.name }
  },
}
