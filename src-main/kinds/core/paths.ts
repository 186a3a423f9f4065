import type { FieldError, FieldPath } from '../field-error.ts'

/** A path that does not lead out of where it starts. */
export const withoutUpwards = (path: string, at: FieldPath): FieldError[] =>
  path.split('/').includes('..') ? [at.invalid(path, "must not contain '..'")] : []

/** A path that stays below where it starts. */
export function descending(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return []
  return [...(path.startsWith('/') ? [at.invalid(path, 'must be a relative path')] : []), ...withoutUpwards(path, at)]
}

/** Where a file of a volume appears: relative, and not hiding the volume's own `..data`. */
export function fileInVolume(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return []
  const reserved = path.startsWith('..') && !path.startsWith('../')
  return [...descending(path, at), ...(reserved ? [at.invalid(path, "must not start with '..'")] : [])]
}

export function checkMode(mode: number | undefined, at: FieldPath): FieldError[] {
  const wrong = mode !== undefined && (mode < 0 || mode > 0o777)
  return wrong ? [at.invalid(mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : []
}
