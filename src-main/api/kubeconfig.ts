import { stringify } from 'yaml'

/** A kubeconfig for one cluster and one user, who has a bearer token. */
export function kubeconfig(options: { server: string; caPem: string; token: string; user: string }): string {
  const name = 'wheelhouse'
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: clusterOf(options) }],
    users: [{ name: options.user, user: { token: options.token } }],
    contexts: [{ name, context: { cluster: name, user: options.user, namespace: 'default' } }],
    'current-context': name,
  })
}

/** A kubeconfig of nobody: where the server is, and whom to trust. */
export const clusterConfig = (reached: { server: string; caPem: string }): string =>
  stringify({ apiVersion: 'v1', kind: 'Config', clusters: [{ name: '', cluster: clusterOf(reached) }], contexts: [], 'current-context': '', preferences: {}, users: [] })

const clusterOf = ({ server, caPem }: { server: string; caPem: string }) => ({ server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') })
