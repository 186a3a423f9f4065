import { statfsSync } from 'node:fs'
import os from 'node:os'
import type { EngineInfo } from './runtime.ts'

/** What is used of the engine's `/info`. */
interface Info {
  readonly NCPU: number
  readonly MemTotal: number
  readonly OSType: string
  readonly Architecture: string
  readonly OperatingSystem: string
  readonly KernelVersion: string
  readonly ID: string
  readonly ServerVersion: string
  readonly DockerRootDir: string
  readonly Name: string
}

const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' }

/** Kubelet's default of `maxPods`. */
const defaultMaxPods = 110

export const engineInfo = (info: Info, maxPods = defaultMaxPods): EngineInfo => ({
  cpus: info.NCPU,
  memoryBytes: info.MemTotal,
  storageBytes: isThisMachine(info.Name) ? diskBytes(info.DockerRootDir) : undefined,
  maxPods,
  operatingSystem: info.OSType,
  architecture: architectures[info.Architecture] ?? info.Architecture,
  osImage: info.OperatingSystem,
  kernelVersion: info.KernelVersion,
  machineId: info.ID,
  runtimeVersion: `docker://${info.ServerVersion}`,
  hostIp: machineIp(),
})

/** The engine runs on this very kernel, not in a virtual machine or far away. */
export const isThisMachine = (engineName: string): boolean => process.platform === 'linux' && engineName === os.hostname()

function diskBytes(path: string): number | undefined {
  try {
    const { blocks, bsize } = statfsSync(path)
    return blocks * bsize
  } catch {
    // an ordinary user may not look into the engine's folder: the capacity stays unsaid
    return undefined
  }
}

/** The first address that other machines see; loopback when there is none. */
export function machineIp(): string {
  for (const [name, addresses] of Object.entries(os.networkInterfaces())) {
    if (/^(docker|br-|veth|virbr)/.test(name)) continue
    const found = addresses?.find((a) => a.family === 'IPv4' && !a.internal)
    if (found) return found.address
  }
  return '127.0.0.1'
}
