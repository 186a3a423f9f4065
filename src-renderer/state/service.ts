import type { Pod, Service } from '../../src-main/kinds/generated/types.ts'
import type { EndpointTraffic, ServiceTraffic } from '../../src-main/kinds/traffic.ts'
import { count } from './format.ts'
import { isReady } from './pod.ts'
import type { Attention, State } from './state.ts'

export const matches = (selector: Record<string, string> | undefined, labels: Record<string, string> | undefined): boolean =>
  !!selector && Object.keys(selector).length > 0 && Object.entries(selector).every(([k, v]) => labels?.[k] === v)

export const podsBehind = (service: Service, pods: readonly Pod[]): Pod[] =>
  pods.filter((p) => p.metadata.namespace === service.metadata.namespace && matches(service.spec?.selector, p.metadata.labels))

export const isRandom = (service: Service): boolean => service.metadata.annotations?.['wheelhouse.dev/balance'] === 'random'
export const balanceWords = (service: Service): string =>
  `${isRandom(service) ? 'random' : 'round robin'}${service.spec?.sessionAffinity === 'ClientIP' ? ', one pod per client' : ''}`

export function serviceState(service: Service, pods: readonly Pod[]): State {
  if (!service.spec?.selector || service.spec.type === 'ExternalName') return { mark: 'ready', word: 'No selector' }
  const behind = podsBehind(service, pods)
  const ready = behind.filter(isReady).length
  if (ready) return { mark: 'ready', word: `${ready} ready` }
  return behind.length ? { mark: 'working', word: 'None ready' } : { mark: 'attention', word: 'No pods' }
}

export function serviceSentence(service: Service, pods: readonly Pod[]): string {
  const ports = (service.spec?.ports ?? []).map((p) => p.port).join(', ')
  if (!service.spec?.selector) return `Takes connections on port ${ports}; its endpoints are not chosen by labels.`
  const ready = podsBehind(service, pods).filter(isReady).length
  return ready ? `Spreads connections on port ${ports} over ${count(ready, 'ready pod')}, ${balanceWords(service)}.` : `Takes connections on port ${ports}, but no pod is ready to answer.`
}

export function serviceAttention(service: Service, pods: readonly Pod[], traffic: ServiceTraffic | undefined): Attention[] {
  const found: Attention[] = []
  if (service.spec?.selector && !podsBehind(service, pods).length) {
    const labels = Object.entries(service.spec.selector).map(([k, v]) => `${k}=${v}`).join(',')
    found.push({ mark: 'attention', what: `No pod has the labels ${labels}, so nothing answers.`, todo: 'Change the selector, or create a workload whose pods carry these labels.' })
  }
  for (const access of traffic?.status.ports.flatMap((p) => p.access) ?? []) {
    if (!access.available) found.push({ mark: 'attention', what: access.message ?? `${access.type} ${access.address} is not reachable from this machine.` })
  }
  return found.filter((a, i) => found.findIndex((b) => b.what === a.what) === i)
}

/** `80→8080/TCP`, with the node port where there is one. */
export const portWords = (service: Service): string =>
  (service.spec?.ports ?? []).map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`).join(', ')

/** Connections since `before` per endpoint; a counter that went back (proxy restarted) counts from zero. */
export function spread(now: readonly EndpointTraffic[], before: ReadonlyMap<string, number>): Array<EndpointTraffic & { since: number; share: number }> {
  const since = now.map((e) => {
    const old = before.get(e.address) ?? 0
    return e.connections >= old ? e.connections - old : e.connections
  })
  const total = since.reduce((a, b) => a + b, 0)
  return now.map((e, i) => ({ ...e, since: since[i] ?? 0, share: total ? (since[i] ?? 0) / total : 0 }))
}
