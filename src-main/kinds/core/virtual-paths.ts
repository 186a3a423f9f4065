import type { Volume, VolumeProjection } from '../generated/types.ts'

/** A file of a volume, and where it comes from. */
interface VirtualFile {
  readonly path: string
  readonly source: string
}

/** Files of one volume that are compared with each other, and pairs of them that are told; of more the rest is not looked at. */
const mostFiles = 1000

const fromKeys = (items: ReadonlyArray<{ path?: string }> | undefined, source = ''): VirtualFile[] => (items ?? []).map(({ path = '' }) => ({ path, source }))

const named = (kind: string, name = ''): string => `${kind} ${JSON.stringify(name)}`

function filesOf({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }: VolumeProjection): VirtualFile[] {
  if (configMap?.items) return fromKeys(configMap.items, named('ConfigMap', configMap.name))
  if (secret?.items) return fromKeys(secret.items, named('Secret', secret.name))
  if (downwardAPI?.items) return fromKeys(downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken) return [{ path: serviceAccountToken.path ?? '', source: 'ServiceAccountToken' }]
  if (clusterTrustBundle) return [{ path: clusterTrustBundle.path ?? '', source: named('ClusterTrustBundle', clusterTrustBundle.name ?? clusterTrustBundle.signerName) }]
  if (!podCertificate) return []
  const paths = [podCertificate.keyPath, podCertificate.certificateChainPath, podCertificate.credentialBundlePath]
  return paths.flatMap((path) => (path ? [{ path, source: 'PodCertificate' }] : []))
}

/** Pairs of files of which one is the other or lies below it: `"a/b" with "a"`. */
function overlaps(files: readonly VirtualFile[]): string[] {
  const seen: VirtualFile[] = []
  const pairs: string[] = []
  const show = ({ path, source }: VirtualFile): string => `${JSON.stringify(path)}${source ? ` (${source})` : ''}`
  for (const { path, source } of files.slice(0, mostFiles)) {
    if (pairs.length >= mostFiles) break
    const file = { path: path.replace(/\/+$/, ''), source }
    const below = `${file.path}/`
    const taken = file.path === '' ? [] : seen.filter((other) => other.path !== '' && (below.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(below)))
    seen.push(file)
    for (const other of taken) pairs.push(`${show(file)} with ${show(other)}`)
  }
  return pairs
}

/** What a client is told of volumes in which one file hides another. */
export const warnOfOverlaps = (volumes: readonly Volume[] | undefined): string[] =>
  (volumes ?? []).flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const say = (what: string, files: readonly VirtualFile[]): string[] => overlaps(files).map((pair) => `volume ${JSON.stringify(name)} (${what}): overlapping paths: ${pair}`)
    const sources = projected?.sources ?? []
    return [
      ...(configMap?.items ? say(named('ConfigMap', configMap.name), fromKeys(configMap.items)) : []),
      ...(secret?.items ? say(named('Secret', secret.secretName), fromKeys(secret.items)) : []),
      ...(downwardAPI?.items ? say('DownwardAPI', fromKeys(downwardAPI.items)) : []),
      ...sources.filter((source) => Object.keys(source).length === 0).map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
      ...(projected ? say('Projected', sources.flatMap(filesOf)) : []),
    ]
  })
