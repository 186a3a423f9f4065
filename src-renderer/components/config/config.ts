import type { Pod } from '../../../src-main/kinds/generated/types.ts'

/** A Secret's value as text; what is no UTF-8 stays as base64. */
export function decodeSecret(base64: string): string {
  try {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return base64
  }
}

/** Whether a pod reads the ConfigMap or Secret: as a volume, as its environment, or for one variable. */
export function usesConfig(pod: Pod, plural: string, name: string): boolean {
  const secret = plural === 'secrets'
  const volumes = pod.spec?.volumes ?? []
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  return (
    volumes.some((v) => (secret ? v.secret?.secretName : v.configMap?.name) === name) ||
    containers.some((c) => c.envFrom?.some((e) => (secret ? e.secretRef : e.configMapRef)?.name === name)) ||
    containers.some((c) => c.env?.some((e) => (secret ? e.valueFrom?.secretKeyRef : e.valueFrom?.configMapKeyRef)?.name === name))
  )
}
