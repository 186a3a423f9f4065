import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '../kinds/generated/types.ts'
import { fieldText, type NodeFacts, resourceText } from './fields.ts'

export interface EnvEntry {
  readonly name: string
  readonly value: string
}

/** Where a container's variables come from; a lookup gives undefined when there is no such object. */
export interface EnvSources {
  readonly pod: Pod
  readonly facts: NodeFacts
  readonly services: readonly Service[]
  configMap(name: string): Promise<ConfigMap | undefined>
  secret(name: string): Promise<Secret | undefined>
}

/** What is wrong with a container's configuration: its waiting reason is CreateContainerConfigError. */
export class ConfigError extends Error {}

/**
 * All variables of a container: services first, then envFrom, then env, the later one winning, `$(NAME)` expanded.
 *
 * @throws ConfigError when a ConfigMap, Secret or key that is not optional is missing
 */
export async function containerEnv(container: Container, sources: EnvSources): Promise<EnvEntry[]> {
  const values = new Map<string, string>()
  const services = sources.pod.spec?.enableServiceLinks === false ? sources.services.filter(isKubernetes) : sources.services
  for (const e of serviceEnv(services)) values.set(e.name, e.value)
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    for (const [key, value] of await wholeMap(configMapRef, secretRef, sources)) values.set(prefix + key, value)
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await valueFrom(variable, container, sources) : expand(variable.value ?? '', values)
    if (value !== undefined) values.set(variable.name, value)
  }
  return [...values].map(([name, value]) => ({ name, value }))
}

/** Whether the variables need the pod's IP, so that the network must be there first. */
export const needsPodIp = (container: Container): boolean =>
  (container.env ?? []).some((e) => e.valueFrom?.fieldRef?.fieldPath.startsWith('status.podIP'))

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')

type NameRef = { name?: string; optional?: boolean } | undefined

async function wholeMap(configMapRef: NameRef, secretRef: NameRef, sources: EnvSources): Promise<Array<[string, string]>> {
  if (configMapRef) {
    const map = await sources.configMap(configMapRef.name ?? '')
    if (!map && !configMapRef.optional) throw new ConfigError(`configmap "${configMapRef.name}" not found`)
    return Object.entries(map?.data ?? {})
  }
  if (!secretRef) return []
  const secret = await sources.secret(secretRef.name ?? '')
  if (!secret && !secretRef.optional) throw new ConfigError(`secret "${secretRef.name}" not found`)
  return Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decode(value)])
}

async function valueFrom({ valueFrom: from }: EnvVar, container: Container, sources: EnvSources): Promise<string | undefined> {
  const { pod, facts } = sources
  if (from?.fieldRef) return fieldText(pod, from.fieldRef, facts)
  if (from?.resourceFieldRef) return resourceText(pod, container, from.resourceFieldRef, facts)
  if (from?.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef
    const map = await sources.configMap(name)
    if (!map && !optional) throw new ConfigError(`configmap "${name}" not found`)
    const value = map?.data?.[key]
    if (value === undefined && !optional) throw new ConfigError(`couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}`)
    return value
  }
  if (!from?.secretKeyRef) return undefined
  const { name = '', key, optional } = from.secretKeyRef
  const secret = await sources.secret(name)
  if (!secret && !optional) throw new ConfigError(`secret "${name}" not found`)
  const value = secret?.data?.[key]
  if (value === undefined && !optional) throw new ConfigError(`couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}`)
  return value === undefined ? undefined : decode(value)
}

const references = /\$(?:\$|\(([^()]*)\))/g

/** The variables that a text asks for. */
export const namesIn = (text: string): string[] => [...text.matchAll(references)].flatMap(([, name]) => name ?? [])

/** `$(NAME)` becomes the variable's value, `$$` one dollar; what names no variable stays as it is. */
export const expand = (text: string, values: ReadonlyMap<string, string>): string =>
  text.replace(references, (match, name: string | undefined) => (name === undefined ? '$' : (values.get(name) ?? match)))

const isKubernetes = (service: Service): boolean =>
  service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default'

/** `WEB_SERVICE_HOST` and the Docker-links variables of every service that has a cluster IP. */
export function serviceEnv(services: readonly Service[]): EnvEntry[] {
  return services.flatMap(({ metadata, spec }) => {
    const ip = spec?.clusterIP
    const ports = spec?.ports ?? []
    const first = ports[0]
    if (!ip || ip === 'None' || !first) return []
    const prefix = (metadata.name ?? '').toUpperCase().replaceAll('-', '_')
    const entries: EnvEntry[] = [
      { name: `${prefix}_SERVICE_HOST`, value: ip },
      { name: `${prefix}_SERVICE_PORT`, value: String(first.port) },
    ]
    for (const port of ports) {
      if (port.name) entries.push({ name: `${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, value: String(port.port) })
    }
    for (const [i, port] of ports.entries()) entries.push(...linkEnv(prefix, ip, port.port, port.protocol ?? 'TCP', i === 0))
    return entries
  })
}

function linkEnv(prefix: string, ip: string, port: number, protocolName: string, first: boolean): EnvEntry[] {
  const protocol = protocolName.toLowerCase()
  const url = `${protocol}://${ip}:${port}`
  const name = `${prefix}_PORT_${port}_${protocolName}`
  return [
    ...(first ? [{ name: `${prefix}_PORT`, value: url }] : []),
    { name, value: url },
    { name: `${name}_PROTO`, value: protocol },
    { name: `${name}_PORT`, value: String(port) },
    { name: `${name}_ADDR`, value: ip },
  ]
}
