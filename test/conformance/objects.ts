/** Objects for the tables, as small as Kubernetes takes them. */

export const configMap = (name: string, data?: Record<string, string>, metadata: object = {}) => ({
  apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...(data ? { data } : {}),
})

export const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata },
  // nobody schedules it, so that it changes by the row alone
  spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'busybox:1' }], ...spec },
})

export const podTemplate = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1', kind: 'PodTemplate', metadata: { name, labels },
  template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } },
})

/** Paused and without pods: its controller has nothing to do. */
export const deployment = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, ...metadata },
  spec: {
    paused: true, replicas: 0, selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } },
    ...spec,
  },
})

/** Nobody runs it; it is there so that no pod on it is orphaned. Named after the row's namespace, for nodes have none. */
export const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: '{ns}' } }
