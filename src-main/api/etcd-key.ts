import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { ObjectRef } from '../kinds/meta.ts'

/** Kinds that Kubernetes keeps elsewhere than below their plural, mostly since its first releases. */
const older: Readonly<Record<string, string>> = {
  '/endpoints': 'services/endpoints', '/nodes': 'minions', '/replicationcontrollers': 'controllers', '/services': 'services/specs', 'networking.k8s.io/ingresses': 'ingress',
}
/** Groups below which the kind stands, as it does for custom resources. */
const withGroup: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io'])

/** Where Kubernetes has an object in etcd, which some of its sentences tell. */
export function etcdKey(kind: AnyKind, { namespace, name }: ObjectRef): string {
  const { group, plural, custom } = keptKind(kind)
  const place = custom || withGroup.has(group) ? `${group}/${plural}` : (older[`${group}/${plural}`] ?? plural)
  return ['/registry', place, ...(kind.namespaced && namespace ? [namespace] : []), name].join('/')
}
