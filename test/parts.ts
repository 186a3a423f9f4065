import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Real things that some suites need. Each finder returns the reason why it is missing, or undefined. */
const finders = {
  docker: () => (answers('docker', ['version', '--format', '{{.Server.Version}}']) ? undefined : 'no Docker engine answers'),
  image: () => (answers('docker', ['image', 'inspect', testImage]) ? undefined : `the engine has no image ${testImage}`),
  chromium: () => (chromium() ? undefined : 'there is no Chromium'),
  kubectl: () => (kubectlsFound().length > 0 ? undefined : 'there is no kubectl'),
  python: () => (answers(python, ['-c', 'import kubernetes']) ? undefined : 'Python has no Kubernetes client'),
  root: () => (process.getuid?.() === 0 ? undefined : 'it takes root'),
  iptables: () => (process.getuid?.() === 0 && answers('iptables', ['-w', '-t', 'nat', '-S']) ? undefined : 'iptables needs root'),
} satisfies Record<string, () => string | undefined>

export type Part = keyof typeof finders
export const testImage = 'wheelhouse/busybox:test'
/** Debian's own, which provisioning gave the client; another one on PATH has packages of its own. */
export const python = '/usr/bin/python3'

const answers = (command: string, args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

export const chromium = (): string | undefined =>
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))

export interface KubectlAtHand {
  readonly command: string
  /** `kubectl 1.36` */
  readonly title: string
}

/**
 * The oldest and the newest kubectl at hand, in this order, of those that provisioning unpacked and the one on PATH; one that
 * is alone is both. Where there is none, the one that is missing, for the title of the suite that is skipped.
 */
export function kubectls(): readonly [KubectlAtHand, ...KubectlAtHand[]] {
  const [oldest = { command: 'kubectl', title: 'kubectl' }, ...others] = kubectlsFound()
  const newest = others.at(-1)
  return newest ? [oldest, newest] : [oldest]
}

function kubectlsFound(): KubectlAtHand[] {
  const unpacked = ['kubectl-debian', 'kubectl-newest'].map((name) => join(import.meta.dirname, '.cache', name, 'usr/bin/kubectl'))
  const found = [...unpacked, 'kubectl'].map((command) => ({ command, minor: minorOf(command) }))
  return found
    .filter(({ minor }) => minor > 0)
    .sort((a, b) => a.minor - b.minor)
    .map(({ command, minor }) => ({ command, title: `kubectl 1.${minor}` }))
}

/** 32 of a kubectl 1.32; 0 of what is none. */
function minorOf(kubectl: string): number {
  try {
    const version = execFileSync(kubectl, ['version', '--client', '--output=json'], { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] })
    return Number.parseInt((JSON.parse(version) as { clientVersion: { minor: string } }).clientVersion.minor)
  } catch {
    return 0
  }
}

/** A suite of real parts: skipped where one is missing, and its title then says which and why. */
export function describeWith(parts: readonly Part[], title: string, suite: () => void): void {
  const missing = parts.map((part) => finders[part]()).filter((reason) => reason !== undefined)
  if (missing.length > 0) describe.skip(`${title} (skipped: ${missing.join(', ')})`, suite)
  else describe(title, suite)
}
