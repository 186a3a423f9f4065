import type { Container, Pod, ResourceRequirements } from '../kinds/generated/types.ts'

const sorted = (list: Readonly<Record<string, string>> = {}): Record<string, string> => Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))

const listed = ({ limits, requests, claims }: ResourceRequirements = {}): object => ({
  ...(limits && Object.keys(limits).length > 0 ? { limits: sorted(limits) } : {}),
  ...(requests && Object.keys(requests).length > 0 ? { requests: sorted(requests) } : {}),
  ...(claims && claims.length > 0 ? { claims } : {}),
})

/** What the Event of a resize says: what happened, and in JSON what the pod's containers have then. */
export function resizeMessage(what: string, pod: Pod, generation: number, error?: string): string {
  const all = (containers: readonly Container[]) => containers.map(({ name, resources }) => ({ name, resources: listed(resources) }))
  const { initContainers = [], containers = [] } = pod.spec ?? {}
  const summary = {
    ...(initContainers.length > 0 ? { initContainers: all(initContainers) } : {}),
    ...(containers.length > 0 ? { containers: all(containers) } : {}),
    generation,
    ...(error ? { error } : {}),
  }
  return `${what}: ${JSON.stringify(summary)}`
}
