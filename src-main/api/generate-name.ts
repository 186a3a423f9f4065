import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { StatusError } from '../kinds/status-error.ts'

/** Kubernetes' own: no vowels, no digits that look like letters. apimachinery/pkg/util/rand. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const maxPrefix = 63 - suffixLength
/** As in kube-apiserver's RetryGenerateName. */
const maxAttempts = 8

/**
 * The name of an object to be created: its own, or one made from `generateName`.
 *
 * @throws StatusError 409 when every name tried was taken
 */
export function nameFor(
  kind: AnyKind,
  { metadata }: KubeObject,
  taken: (name: string) => boolean,
  random: () => number,
): string {
  const { name, generateName } = metadata
  if (name || !generateName) return name ?? ''
  let candidate = ''
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    candidate = generateName.slice(0, maxPrefix) + suffix(random)
    if (!taken(candidate)) return candidate
  }
  const subject = kind.group ? `${kind.plural}.${kind.group}` : kind.plural
  throw new StatusError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    code: 409,
    reason: 'AlreadyExists',
    message: `${subject} "${candidate}" already exists, the server was not able to generate a unique name for the object`,
    details: { name: candidate, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, retryAfterSeconds: 1 },
  })
}

/** Five letters and digits, as at the end of every generated name. */
export function suffix(random: () => number): string {
  let text = ''
  for (let i = 0; i < suffixLength; i++) text += alphabet[Math.floor(random() * alphabet.length)]
  return text
}
