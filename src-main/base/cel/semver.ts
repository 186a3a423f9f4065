import type { EnvironmentPart } from './part.ts'

/** A semantic version, 2.0.0. */
class Semver {
  readonly core: readonly bigint[]
  readonly pre: readonly string[]

  constructor(core: readonly bigint[], pre: readonly string[]) {
    this.core = core
    this.pre = pre
  }
}

const syntax = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/

function parse(text: string, normalize = false): Semver | undefined {
  if (text.length > 256) return undefined
  const [, major, minor, patch, pre] = syntax.exec(normalize ? normalized(text) : text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  return new Semver([major, minor, patch].map(BigInt), pre?.split('.') ?? [])
}

/** Without `v`, without leading zeros, with all three numbers. */
function normalized(text: string): string {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.')
  const parts = [first, ...(second === undefined ? [] : [second]), ...(rest.length > 0 ? [rest.join('.')] : [])]
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) return text
  while (parts.length < 3) parts.push('0')
  return parts.map((part) => part.replace(/^0+(?=\d)/, '')).join('.')
}

function order(a: Semver, b: Semver): bigint {
  for (let i = 0; i < 3; i++) if (a.core[i] !== b.core[i]) return a.core[i]! < b.core[i]! ? -1n : 1n
  if (a.pre.length === 0 || b.pre.length === 0) return a.pre.length === b.pre.length ? 0n : a.pre.length === 0 ? 1n : -1n
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i++) {
    const before = identifierOrder(a.pre[i]!, b.pre[i]!)
    if (before !== 0n) return before
  }
  return a.pre.length === b.pre.length ? 0n : a.pre.length < b.pre.length ? -1n : 1n
}

function identifierOrder(a: string, b: string): bigint {
  if (a === b) return 0n
  const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (first && second) return BigInt(a) < BigInt(b) ? -1n : 1n
  if (first !== second) return first ? -1n : 1n
  return a < b ? -1n : 1n
}

function semver(text: string, normalize = false): Semver {
  const version = parse(text, normalize)
  if (!version) throw new Error(text.includes('.') ? 'Invalid character(s) found in version' : 'No Major.Minor.Patch elements found')
  return version
}

/** Of k8s.io/apiserver/pkg/cel/library. */
export const semverPart: EnvironmentPart = {
  types: { 'kubernetes.Semver': Semver },
  equal: { 'kubernetes.Semver': (a: Semver, b: Semver) => order(a, b) === 0n },
  functions: {
    'semver(string): kubernetes.Semver': semver,
    'semver(string, bool): kubernetes.Semver': semver,
    'isSemver(string): bool': (text: string) => parse(text) !== undefined,
    'isSemver(string, bool): bool': (text: string, normalize: boolean) => parse(text, normalize) !== undefined,
    'kubernetes.Semver.major(): int': ({ core }: Semver) => core[0],
    'kubernetes.Semver.minor(): int': ({ core }: Semver) => core[1],
    'kubernetes.Semver.patch(): int': ({ core }: Semver) => core[2],
    'kubernetes.Semver.compareTo(kubernetes.Semver): int': order,
    'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool': (a: Semver, b: Semver) => order(a, b) > 0n,
    'kubernetes.Semver.isLessThan(kubernetes.Semver): bool': (a: Semver, b: Semver) => order(a, b) < 0n,
  },
}
