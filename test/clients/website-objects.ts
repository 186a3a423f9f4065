import type * as k8s from '@kubernetes/client-node'

export interface Website extends k8s.KubernetesObject {
  metadata: k8s.V1ObjectMeta & { name: string; namespace: string; uid: string; generation: number }
  spec: { page: string; replicas: number; image: string }
  status?: { replicas?: number; selector?: string; observedGeneration?: number; conditions?: k8s.V1Condition[] }
}

export const finalizer = 'example.com/registered'
export const label = 'example.com/website'

/** What a Website stands for: a page, the pods that serve it, and their address. */
export function objectsOf({ metadata: { name, namespace, uid }, spec }: Website): k8s.KubernetesObject[] {
  const labels = { [label]: name }
  const metadata = {
    name, namespace, labels,
    ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Website', name, uid, controller: true, blockOwnerDeletion: true }],
  }
  const container = { name: 'web', image: spec.image, volumeMounts: [{ name: 'page', mountPath: '/www' }], ports: [{ containerPort: 8080 }] }
  const template = { metadata: { labels }, spec: { containers: [container], volumes: [{ name: 'page', configMap: { name } }] } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'index.html': spec.page } } as k8s.V1ConfigMap,
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } } as k8s.V1Service,
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: spec.replicas, selector: { matchLabels: labels }, template } } as k8s.V1Deployment,
  ]
}

/** The status of a Website whose Deployment is as given; a condition keeps its time until it turns. */
export function statusOf(website: Website, deployment: k8s.V1Deployment, now: string): NonNullable<Website['status']> {
  const { replicas = 0, readyReplicas = 0, observedGeneration } = deployment.status ?? {}
  const rolledOut = observedGeneration === deployment.metadata?.generation
  const ready = rolledOut && readyReplicas === website.spec.replicas && replicas === website.spec.replicas
  const status = ready ? 'True' : 'False'
  const before = website.status?.conditions?.find(({ type }) => type === 'Ready')
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now
  return {
    replicas,
    selector: `${label}=${website.metadata.name}`,
    observedGeneration: website.metadata.generation,
    conditions: [{ type: 'Ready', status, reason: ready ? 'Served' : 'Progressing', message: `${readyReplicas} of ${website.spec.replicas} serve the page`, lastTransitionTime } as k8s.V1Condition],
  }
}
