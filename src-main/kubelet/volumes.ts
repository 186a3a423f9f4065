import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, sep } from 'node:path'
import type { Container, HostPathVolumeSource, Pod, Volume, VolumeMount } from '../kinds/generated/types.ts'
import { ConfigError, expand, namesIn } from './env.ts'
import type { Mount } from './runtime.ts'
import { canGiveAway, VolumeError, type VolumeFile, type VolumeFiles, volumeFiles, type VolumeSources } from './volume-files.ts'

/** Where a pod's files live: volumes, /etc/hosts, termination messages. */
export const podDir = (dataDir: string, uid: string): string => join(dataDir, 'pods', uid)

/** Makes every volume of the pod, or brings its files up to date; gives the path of each on this machine. */
export async function applyVolumes(dir: string, sources: VolumeSources): Promise<Map<string, string>> {
  const paths = new Map<string, string>()
  for (const volume of sources.pod.spec?.volumes ?? []) {
    try {
      paths.set(volume.name, await applyVolume(dir, volume, sources))
    } catch (error) {
      if (!(error instanceof VolumeError)) throw error
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`)
    }
  }
  return paths
}

async function applyVolume(dir: string, volume: Volume, sources: VolumeSources): Promise<string> {
  if (volume.hostPath) return hostPath(volume.hostPath)
  const path = join(dir, 'volumes', volume.name)
  if (volume.emptyDir) {
    await mkdir(path, { recursive: true })
    // any user of any container may write, whatever this process' umask is
    await chmod(path, 0o777)
    const group = groupOf(sources.pod)
    if (group !== undefined) await chown(path, 0, group)
    return path
  }
  const files = await volumeFiles(volume, sources)
  if (!files) throw new VolumeError(`it is of a kind that this node cannot mount: ${kindOf(volume)}`)
  await mkdir(path, { recursive: true, mode: 0o755 })
  await writeAtomically(path, files, sources.pod)
  return path
}

const kindOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== 'name') ?? 'none'

const groupOf = (pod: Pod): number | undefined => (canGiveAway() ? pod.spec?.securityContext?.fsGroup : undefined)

async function own(path: string, { mode, user }: VolumeFile, pod: Pod): Promise<void> {
  const group = groupOf(pod)
  await chmod(path, group === undefined ? mode : mode | 0o440)
  if (canGiveAway() && (group ?? user) !== undefined) await chown(path, user ?? 0, group ?? 0)
}

async function hostPath({ path, type = '' }: HostPathVolumeSource): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  const wrong = (what: string): VolumeError => new VolumeError(`hostPath type check failed: ${path} is not a ${what}`)
  if (type.startsWith('Directory') && found && !found.isDirectory()) throw wrong('directory')
  if (type.startsWith('File') && found && !found.isFile()) throw wrong('file')
  if (type === 'Socket' && !found?.isSocket()) throw wrong('socket file')
  if (type === 'CharDevice' && !found?.isCharacterDevice()) throw wrong('character device')
  if (type === 'BlockDevice' && !found?.isBlockDevice()) throw wrong('block device')
  if (found) return path
  if (type === 'Directory') throw wrong('directory')
  if (type === 'File') throw wrong('file')
  if (type === 'FileOrCreate') await writeFile(path, '', { flag: 'a' })
  else await mkdir(path, { recursive: true })
  return path
}

/**
 * Kubernetes' layout: the files in a new folder, `..data` pointing at it, and each name a link through `..data`; so
 * that a reader sees all of the old content or all of the new.
 */
async function writeAtomically(path: string, files: VolumeFiles, pod: Pod): Promise<void> {
  const data = join(path, '..data')
  const old = await readlink(data).catch(() => undefined)
  if (old !== undefined && (await sameFiles(join(path, old), files))) return
  const fresh = `..${Date.now()}_${process.hrtime.bigint()}`
  for (const [name, file] of files) {
    const target = inside(join(path, fresh), name)
    await mkdir(dirname(target), { recursive: true, mode: 0o755 })
    await writeFile(target, file.content)
    await own(target, file, pod)
  }
  await mkdir(join(path, fresh), { recursive: true })
  await symlink(fresh, `${data}_tmp`)
  await rename(`${data}_tmp`, data)
  const tops = new Set([...files.keys()].map((name) => normalize(name).split(sep)[0] ?? ''))
  for (const top of tops) {
    if (!(await lstat(join(path, top)).catch(() => undefined))) await symlink(join('..data', top), join(path, top))
  }
  if (old === undefined) return
  const before = await readdir(path)
  for (const name of before) if (!name.startsWith('..') && !tops.has(name)) await rm(join(path, name), { force: true })
  await rm(join(path, old), { recursive: true, force: true })
}

/** The list of names beside the content, so that a removed key is noticed too. */
async function sameFiles(dir: string, files: VolumeFiles): Promise<boolean> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])
  if (names.filter((entry) => entry.isFile()).length !== files.size) return false
  for (const [name, file] of files) {
    const content = await readFile(join(dir, name)).catch(() => undefined)
    if (!content?.equals(file.content)) return false
  }
  return true
}

function inside(dir: string, name: string): string {
  const path = join(dir, name)
  if (!path.startsWith(dir + sep)) throw new VolumeError(`path "${name}" must be inside the volume`)
  return path
}

/** A container's mounts of the pod's volumes. */
export async function volumeMounts(
  container: Container,
  paths: ReadonlyMap<string, string>,
  env: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  return Promise.all((container.volumeMounts ?? []).map((mount) => volumeMount(mount, paths, env)))
}

async function volumeMount(mount: VolumeMount, paths: ReadonlyMap<string, string>, env: ReadonlyMap<string, string>): Promise<Mount> {
  const root = paths.get(mount.name)
  if (root === undefined) throw new VolumeError(`volume "${mount.name}" is not one of the pod's`)
  const subPath = mount.subPathExpr ? expandedSubPath(mount.subPathExpr, env) : mount.subPath
  return {
    source: subPath ? await subPathSource(root, subPath) : root,
    target: mount.mountPath,
    readOnly: mount.readOnly ?? false,
    ...(mount.mountPropagation && mount.mountPropagation !== 'None'
      ? { propagation: mount.mountPropagation === 'Bidirectional' ? 'rshared' as const : 'rslave' as const }
      : {}),
  }
}

function expandedSubPath(expression: string, env: ReadonlyMap<string, string>): string {
  const missing = [...new Set(namesIn(expression))].filter((name) => !env.get(name)).sort()
  if (missing.length > 0) throw new ConfigError(`missing value for ${missing.join(', ')}`)
  return expand(expression, env)
}

/** Follows links, and refuses one that leads out of the volume. */
async function subPathSource(root: string, subPath: string): Promise<string> {
  if (isAbsolute(subPath)) throw new ConfigError(`error SubPath \`${subPath}\` must not be an absolute path`)
  if (subPath.split('/').includes('..')) throw new ConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`)
  const path = join(root, subPath)
  if (!(await stat(path).catch(() => undefined))) {
    await mkdir(path, { recursive: true })
    await chmod(path, 0o777)
  }
  const real = await realpath(path)
  const realRoot = await realpath(root)
  if (real !== realRoot && !real.startsWith(realRoot + sep)) throw new ConfigError(`subPath "${subPath}" leads out of the volume`)
  return real
}

/** Whether the pod mounts, or projects, the named ConfigMap or Secret. */
export const mountsObject = (pod: Pod, kind: 'configMap' | 'secret', name: string): boolean =>
  (pod.spec?.volumes ?? []).some((volume) =>
    (kind === 'configMap' ? volume.configMap?.name : volume.secret?.secretName) === name ||
    (volume.projected?.sources ?? []).some((source) => source[kind]?.name === name))

/** Whether files of the pod show its own fields, of which labels and annotations may change. */
export const mountsItself = (pod: Pod): boolean =>
  (pod.spec?.volumes ?? []).some((volume) => volume.downwardAPI !== undefined || (volume.projected?.sources ?? []).some((source) => source.downwardAPI !== undefined))
