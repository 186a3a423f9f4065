import { call, type Library, member } from './declarations.ts'
import { goQuoted } from '../go-text.ts'
import { bool, int, string, struct, type Type } from './types.ts'
import { OpaqueValue } from './values.ts'

const semverType = struct('kubernetes.Semver')

/** A semantic version, 2.0.0. */
class Semver extends OpaqueValue {
  readonly type = semverType
  readonly core: readonly bigint[]
  readonly pre: readonly string[]

  constructor(core: readonly bigint[], pre: readonly string[]) {
    super()
    this.core = core
    this.pre = pre
  }

  get key(): string {
    return `${this.core.join('.')}-${this.pre.join('.')}`
  }
}

/** As blang/semver reads one. @throws Error with its sentence */
function parse(text: string): Semver {
  if (text === '') throw new Error('Version string empty')
  const [major, minor, last] = pieces(text)
  if (major === undefined || minor === undefined || last === undefined) throw new Error('No Major.Minor.Patch elements found')
  const first = [number(major, 'major'), number(minor, 'minor')]
  const [rest = '', build] = cut(last, '+')
  const [patch = '', pre] = cut(rest, '-')
  const version = new Semver([...first, number(patch, 'patch')], pre?.split('.') ?? [])
  version.pre.forEach(checkIdentifier)
  build?.split('.').forEach(checkBuild)
  return version
}

/** At the first two dots. */
function pieces(text: string): readonly string[] {
  const parts = text.split('.')
  return parts.length > 3 ? [...parts.slice(0, 2), parts.slice(2).join('.')] : parts
}

function cut(text: string, sign: string): readonly string[] {
  const at = text.indexOf(sign)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const hasLeadingZeros = (digits: string): boolean => digits.length > 1 && digits.startsWith('0')

function number(digits: string, name: string): bigint {
  if (!/^\d*$/.test(digits)) throw new Error(`Invalid character(s) found in ${name} number ${goQuoted(digits)}`)
  if (hasLeadingZeros(digits)) throw new Error(`${name[0]!.toUpperCase()}${name.slice(1)} number must not contain leading zeroes ${goQuoted(digits)}`)
  return uint(digits)
}

function uint(digits: string): bigint {
  const wrong = digits === '' ? 'invalid syntax' : digits.length > 20 || BigInt(digits) >= 2n ** 64n ? 'value out of range' : undefined
  if (wrong) throw new Error(`strconv.ParseUint: parsing ${goQuoted(digits)}: ${wrong}`)
  return BigInt(digits)
}

function checkIdentifier(text: string): void {
  if (text === '') throw new Error('Prerelease is empty')
  if (/^\d+$/.test(text)) {
    if (hasLeadingZeros(text)) throw new Error(`Numeric PreRelease version must not contain leading zeroes ${goQuoted(text)}`)
    uint(text)
  } else if (!/^[\da-zA-Z-]+$/.test(text)) throw new Error(`Invalid character(s) found in prerelease ${goQuoted(text)}`)
}

function checkBuild(text: string): void {
  if (text === '') throw new Error('Build meta data is empty')
  if (!/^[\da-zA-Z-]+$/.test(text)) throw new Error(`Invalid character(s) found in build meta data ${goQuoted(text)}`)
}

/** Without `v`, without leading zeros, with all three numbers. */
function normalized(text: string): string {
  const parts = pieces(text.replace(/^v/, ''))
  if (parts.length < 3 && /[+-]/.test(parts.at(-1)!)) throw new Error('short version cannot contain PreRelease/Build meta data')
  const numbers = parts.map((part) => (part.length > 1 ? part.replace(/^0+/, '').replace(/^(?!\d)/, '0') : part))
  return [...numbers, '0', '0'].slice(0, Math.max(parts.length, 3)).join('.')
}

const semver = (text: string, normalize = false): Semver => parse(normalize ? normalized(text) : text)

function isSemver(text: string, normalize = false): boolean {
  try {
    semver(text, normalize)
    return true
  } catch {
    // the question is just this
    return false
  }
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

const reads = <T>(result: Type, run: (text: string, normalize?: boolean) => T) => [call([string], result, (text: string) => run(text)), call([string, bool], result, run)]
const compares = <T>(result: Type, run: (a: Semver, b: Semver) => T) => [member([semverType, semverType], result, run)]
const part = (i: number) => [member([semverType], int, ({ core }: Semver) => core[i])]

/** Of k8s.io/apiserver/pkg/cel/library. */
export const semverLibrary: Library = {
  functions: {
    semver: reads(semverType, semver),
    isSemver: reads(bool, isSemver),
    major: part(0),
    minor: part(1),
    patch: part(2),
    compareTo: compares(int, order),
    isGreaterThan: compares(bool, (a, b) => order(a, b) > 0n),
    isLessThan: compares(bool, (a, b) => order(a, b) < 0n),
  },
}
