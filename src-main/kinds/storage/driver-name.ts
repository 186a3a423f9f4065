import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isDNS1123Subdomain } from '../validation.ts'

/** Of a CSI driver's name, in bytes: CSI's own limit. */
const maxLength = 63

/** The name of a CSI driver, as it calls itself: ValidateCSIDriverName of core validation. */
export function checkDriverName(name: string, at: FieldPath): FieldError[] {
  if (name === '') return [at.required()]
  const errors = name.length > maxLength ? [at.tooLong(maxLength)] : []
  return [...errors, ...say(at, name, isDNS1123Subdomain(name.toLowerCase()))]
}
