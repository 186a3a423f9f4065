import type { PodTemplateSpec } from '../kinds/generated/types.ts'
import { sameValue } from '../kinds/same-value.ts'

export const hashLabel = 'pod-template-hash'

/** k8s.io/apimachinery rand.SafeEncodeString: no vowels, so no words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** A short name for a template: FNV-1a over its canonical JSON. `collisions` makes another one when it was taken. */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(canonical(template) + (collisions > 0 ? collisions : '')))
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return [...String(hash)].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}

/** Whether two templates make the same pods; the hash label is not the template's own. */
export const sameTemplate = (a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean =>
  sameValue(bare(a), bare(b))

function bare(template: PodTemplateSpec | undefined): PodTemplateSpec | undefined {
  const { [hashLabel]: _hash, ...labels } = template?.metadata?.labels ?? {}
  return { ...template, metadata: { ...template?.metadata, labels } }
}
