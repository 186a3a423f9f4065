import type * as Admission from '../cel/admission.ts'
import type * as Definitions from './rule-definitions.ts'
import type * as Rules from './rules.ts'

interface Loaded {
  readonly rules: typeof Rules
  readonly definitions: typeof Definitions
  readonly admission: typeof Admission
}

let loaded: Loaded | undefined

/** Makes rules readable. CEL costs start-up time, so it is loaded when the first definition with rules is about to be read. */
export async function loadRules(): Promise<void> {
  loaded ??= { rules: await import('./rules.ts'), definitions: await import('./rule-definitions.ts'), admission: await import('../cel/admission.ts') }
}

function afterLoading(): Loaded {
  if (!loaded) throw new Error('rules were read before CEL was loaded')
  return loaded
}

/** What rules say of objects. @throws Error when nobody waited for `loadRules` */
export const rules = (): typeof Rules => afterLoading().rules

/** Whether the rules of a definition are right. @throws Error when nobody waited for `loadRules` */
export const definitions = (): typeof Definitions => afterLoading().definitions

/** Expressions of policies and webhooks. @throws Error when nobody waited for `loadRules` */
export const admissionCel = (): typeof Admission => afterLoading().admission
