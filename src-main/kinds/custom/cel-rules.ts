import type * as Rules from './rules.ts'

let loaded: typeof Rules | undefined

/** Makes rules readable. CEL costs start-up time, so it is loaded when the first definition with rules is about to be read. */
export async function loadRules(): Promise<void> {
  loaded ??= await import('./rules.ts')
}

/** @throws Error when nobody waited for `loadRules` */
export function rules(): typeof Rules {
  if (!loaded) throw new Error('rules of a custom resource definition were read before CEL was loaded')
  return loaded
}
