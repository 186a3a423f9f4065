import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'

/** Real things that some suites need. Each finder returns the reason why it is missing, or undefined. */
const finders = {
  docker: () => (answers('docker', ['version', '--format', '{{.Server.Version}}']) ? undefined : 'no Docker engine answers'),
  image: () => (answers('docker', ['image', 'inspect', testImage]) ? undefined : `the engine has no image ${testImage}`),
  chromium: () => (chromium() ? undefined : 'there is no Chromium'),
  kubectl: () => (kubectls().length > 0 ? undefined : 'there is no kubectl'),
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

/** Every kubectl at hand, oldest first: Debian's own that provisioning unpacked, then the one on PATH. */
export function kubectls(): string[] {
  const debian = join(import.meta.dirname, '.cache/kubectl-debian/usr/bin/kubectl')
  return [...(existsSync(debian) ? [debian] : []), ...(answers('kubectl', ['version', '--client']) ? ['kubectl'] : [])]
}

/** A suite of real parts: skipped where one is missing, and its title then says which and why. */
export function describeWith(parts: readonly Part[], title: string, suite: () => void): void {
  const missing = parts.map((part) => finders[part]()).filter((reason) => reason !== undefined)
  if (missing.length > 0) describe.skip(`${title} (skipped: ${missing.join(', ')})`, suite)
  else describe(title, suite)
}
