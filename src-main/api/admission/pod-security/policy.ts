import { field, type FieldError } from '../../../kinds/field-error.ts'
import { baseline } from './baseline.ts'
import { restricted } from './restricted.ts'
import type { Checked, Violation } from './violation.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** A level as of one version of Kubernetes. */
export interface Standard {
  readonly level: Level
  /** `latest`, `v1.36` */
  readonly version: string
}

export type Mode = 'enforce' | 'audit' | 'warn'

/** What a namespace's labels ask of its pods. */
export type Policy = Readonly<Record<Mode, Standard>>

const prefix = 'pod-security.kubernetes.io/'
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']
const anything: Standard = { level: 'privileged', version: 'latest' }
/** The minor version of Kubernetes whose rules are the latest here. */
export const newest = 36

export const open: Policy = { enforce: anything, audit: anything, warn: anything }

/** A level nobody knows enforces the strictest one, and warns of nothing; the errors are for who wrote the labels. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): { policy: Policy; errors: FieldError[] } {
  let policy = open
  const errors: FieldError[] = []
  for (const mode of ['enforce', 'audit', 'warn'] as const) {
    for (const part of ['level', 'version'] as const) {
      const label = prefix + (part === 'level' ? mode : `${mode}-version`)
      const value = labels?.[label]
      if (value === undefined) continue
      const known = part === 'level' ? levels.some((level) => level === value) : /^(latest|v1\.(\d|[1-9]\d+))$/.test(value)
      if (!known) {
        const sentence = part === 'level' ? `must be one of ${levels.join(', ')}` : 'must be "latest" or "v1.x"'
        errors.push(field('metadata', 'labels').key(label).invalid(value, sentence))
      }
      const fallback = part === 'version' ? 'latest' : mode === 'enforce' ? 'restricted' : 'privileged'
      policy = { ...policy, [mode]: { ...policy[mode], [part]: known ? value : fallback } }
    }
  }
  return { policy, errors }
}

/** Whether there is anything to check at all. */
export const isOpen = ({ enforce, audit, warn }: Policy): boolean => [enforce, audit, warn].every(({ level }) => level === 'privileged')

export const stricter = (a: Level, b: Level): boolean => levels.indexOf(a) > levels.indexOf(b)

export const shown = ({ level, version }: Standard): string => `${level}:${version}`

export function violationsOf({ level, version }: Standard, { metadata, spec }: Omit<Checked, 'minor'>): Violation[] {
  if (level === 'privileged') return []
  const minor = Math.min(version === 'latest' ? newest : Number(version.slice(3)), newest)
  const wanted = [...baseline, ...(level === 'restricted' ? restricted : [])].filter(({ since }) => since <= minor)
  const overridden = new Set(wanted.map(({ overrides }) => overrides))
  return wanted.filter(({ id }) => !overridden.has(id)).flatMap(({ check }) => check({ metadata, spec, minor }) ?? [])
}

/** `privileged (container "c" must not set securityContext.privileged=true), hostPort (...)` */
export const details = (violations: readonly Violation[]): string => violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ')
