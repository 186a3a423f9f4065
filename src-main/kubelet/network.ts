import type { Pod } from '../kinds/generated/types.ts'
import type { DnsConfig } from './runtime.ts'

export interface ClusterNetwork {
  /** Absent where no cluster DNS runs. */
  readonly clusterDns?: string
  readonly clusterDomain: string
}

/** Linux' limit of a host name. */
export const podHostname = (pod: Pod): string => (pod.spec?.hostname ?? pod.metadata.name ?? '').slice(0, 63).replace(/[-.]+$/, '')

/** What goes to the pod's resolv.conf; undefined is the node's own. */
export function podDns(pod: Pod, { clusterDns, clusterDomain }: ClusterNetwork): DnsConfig | undefined {
  const policy = pod.spec?.dnsPolicy ?? 'ClusterFirst'
  const own = pod.spec?.dnsConfig
  const extra = (own?.options ?? []).map((o) => (o.value ? `${o.name}:${o.value}` : (o.name ?? '')))
  const fromCluster = clusterDns !== undefined && (policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !pod.spec?.hostNetwork))
  if (!fromCluster && policy !== 'None') {
    return own ? { nameservers: own.nameservers ?? [], searches: own.searches ?? [], options: extra } : undefined
  }
  const cluster: DnsConfig = fromCluster
    ? {
        nameservers: [clusterDns],
        searches: [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain],
        options: ['ndots:5'],
      }
    : { nameservers: [], searches: [], options: [] }
  const overridden = new Set(extra.map((o) => o.split(':')[0]))
  return {
    nameservers: [...cluster.nameservers, ...(own?.nameservers ?? [])],
    searches: [...cluster.searches, ...(own?.searches ?? [])],
    options: [...cluster.options.filter((o) => !overridden.has(o.split(':')[0])), ...extra],
  }
}

/** The pod's /etc/hosts, in the kubelet's layout. */
export function hostsFile(pod: Pod, ip: string, clusterDomain: string): string {
  const hostname = podHostname(pod)
  const subdomain = pod.spec?.subdomain
  const names = subdomain ? `${hostname}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}\t${hostname}` : hostname
  const lines = [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    `${ip}\t${names}`,
  ]
  const aliases = pod.spec?.hostAliases ?? []
  if (aliases.length > 0) lines.push('', '# Entries added by HostAliases.')
  for (const alias of aliases) lines.push(`${alias.ip}\t${(alias.hostnames ?? []).join('\t')}`)
  return `${lines.join('\n')}\n`
}
