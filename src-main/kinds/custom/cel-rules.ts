import type * as Admission from '../cel/admission.ts'
import type * as Rules from './rules.ts'

interface Loaded {
  readonly rules: typeof Rules
  readonly admission: typeof Admission
}

let loaded: Loaded | undefined

/** Makes rules readable. CEL costs start-up time, so it is loaded when the first definition with rules is about to be read. */
export async function loadRules(): Promise<void> {
  loaded ??= { rules: await import('./rules.ts'), admission: await import('../cel/admission.ts') }
}

function afterLoading(): Loaded {
  if (!loaded) throw new Error('rules were read before CEL was loaded')
  return loaded
}

/** Rules of custom resource definitions. @throws Error when nobody waited for `loadRules` */
export const rules = (): typeof Rules => afterLoading().rules

/** Expressions of policies and webhooks. @throws Error when nobody waited for `loadRules` */
export const admissionCel = (): typeof Admission => afterLoading().admission
