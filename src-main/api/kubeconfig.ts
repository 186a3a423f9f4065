import { stringify } from 'yaml'

/** A kubeconfig for one cluster and one user, who has a bearer token. */
export function kubeconfig(options: { server: string; caPem: string; token: string; user: string }): string {
  const name = 'wheelhouse'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: options.server, 'certificate-authority-data': Buffer.from(options.caPem).toString('base64') } }],
    users: [{ name: options.user, user: { token: options.token } }],
    contexts: [{ name, context: { cluster: name, user: options.user, namespace: 'default' } }],
    'current-context': name,
  })
}
