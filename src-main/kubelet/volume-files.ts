import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret, ServiceAccountTokenProjection, Volume, VolumeProjection } from '../kinds/generated/types.ts'
import { fieldText, type NodeFacts, resourceText } from './fields.ts'

export interface VolumeFile {
  readonly content: Buffer
  readonly mode: number
  /** The user whose it is; root unless said. */
  readonly user?: number
}
/** By path inside the volume. */
export type VolumeFiles = Map<string, VolumeFile>

export interface VolumeSources {
  readonly pod: Pod
  readonly facts: NodeFacts
  configMap(name: string): Promise<ConfigMap | undefined>
  secret(name: string): Promise<Secret | undefined>
  /** A token of the pod's service account. */
  token(projection: ServiceAccountTokenProjection): Promise<string>
}

/** A volume cannot be made yet; the pod waits with a FailedMount event. */
export class VolumeError extends Error {}

/** Kubernetes' default for files made of keys. */
const defaultMode = 0o644

/** What a volume made of API objects contains; undefined for a volume that is not made of files. */
export async function volumeFiles(volume: Volume, sources: VolumeSources): Promise<VolumeFiles | undefined> {
  const { configMap, secret, downwardAPI, projected } = volume
  if (configMap) return configMapFiles(configMap, configMap.defaultMode ?? defaultMode, sources)
  if (secret) return secretFiles({ ...secret, name: secret.secretName }, secret.defaultMode ?? defaultMode, sources)
  if (downwardAPI) return downwardFiles(downwardAPI.items ?? [], downwardAPI.defaultMode ?? defaultMode, sources)
  if (!projected) return undefined
  const all: VolumeFiles = new Map()
  for (const source of projected.sources ?? []) {
    for (const [path, file] of await projectionFiles(source, projected.defaultMode ?? defaultMode, sources)) all.set(path, file)
  }
  return all
}

async function projectionFiles(source: VolumeProjection, mode: number, sources: VolumeSources): Promise<VolumeFiles> {
  if (source.configMap) return configMapFiles(source.configMap, mode, sources)
  if (source.secret) return secretFiles(source.secret, mode, sources)
  if (source.downwardAPI) return downwardFiles(source.downwardAPI.items ?? [], mode, sources)
  if (source.serviceAccountToken) return tokenFile(source.serviceAccountToken, mode, sources)
  const kind = Object.keys(source)[0] ?? 'none'
  throw new VolumeError(`projected source is of a kind that this node cannot mount: ${kind}`)
}

/** Only for whom it is meant, where that is known: the one user of all containers, or with its group's rights the fsGroup. */
async function tokenFile(projection: ServiceAccountTokenProjection, mode: number, { pod, token }: VolumeSources): Promise<VolumeFiles> {
  const content = Buffer.from(await token(projection))
  const user = onlyUser(pod)
  const known = user !== undefined || pod.spec?.securityContext?.fsGroup !== undefined
  return new Map([[projection.path, { content, mode: known && canGiveAway() ? 0o600 : mode, ...(user === undefined ? {} : { user }) }]])
}

/** Only root can make a file another user's. */
export const canGiveAway = (): boolean => process.getuid?.() === 0

/** Whom all containers run as, when all of them say so. */
function onlyUser({ spec }: Pod): number | undefined {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const users = new Set(all.map(({ securityContext }) => securityContext?.runAsUser ?? spec?.securityContext?.runAsUser))
  return users.size === 1 ? [...users][0] : undefined
}

interface KeyedRef {
  readonly name?: string
  readonly items?: KeyToPath[]
  readonly optional?: boolean
}

async function configMapFiles(ref: KeyedRef, mode: number, sources: VolumeSources): Promise<VolumeFiles> {
  const map = await sources.configMap(ref.name ?? '')
  if (!map && !ref.optional) throw new VolumeError(`configmap "${ref.name}" not found`)
  const content = new Map<string, Buffer>()
  for (const [key, text] of Object.entries(map?.data ?? {})) content.set(key, Buffer.from(text, 'utf8'))
  for (const [key, base64] of Object.entries(map?.binaryData ?? {})) content.set(key, Buffer.from(base64, 'base64'))
  return pick(content, ref, mode)
}

async function secretFiles(ref: KeyedRef, mode: number, sources: VolumeSources): Promise<VolumeFiles> {
  const secret = await sources.secret(ref.name ?? '')
  if (!secret && !ref.optional) throw new VolumeError(`secret "${ref.name}" not found`)
  const content = new Map(Object.entries(secret?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')] as const))
  return pick(content, ref, mode)
}

function pick(content: ReadonlyMap<string, Buffer>, { items, optional }: KeyedRef, mode: number): VolumeFiles {
  if (!items) return new Map([...content].map(([key, bytes]) => [key, { content: bytes, mode }]))
  const files: VolumeFiles = new Map()
  for (const item of items) {
    const bytes = content.get(item.key)
    if (bytes) files.set(item.path, { content: bytes, mode: item.mode ?? mode })
    else if (!optional) throw new VolumeError(`references non-existent config key: ${item.key}`)
  }
  return files
}

function downwardFiles(items: readonly DownwardAPIVolumeFile[], mode: number, { pod, facts }: VolumeSources): VolumeFiles {
  return new Map(items.map((item) => {
    const text = item.fieldRef
      ? fieldText(pod, item.fieldRef, facts)
      : item.resourceFieldRef ? resourceText(pod, undefined, item.resourceFieldRef, facts) : ''
    return [item.path, { content: Buffer.from(text), mode: item.mode ?? mode }]
  }))
}
