/** How an object is checked and completed, from body to store: structure, pruning, defaults, rules. */
export { schemas } from './schemas.ts'
export { checkStructure } from './structure-walk.ts'
export { prune } from './pruning.ts'
export { applyDefaults, defaultInSteps } from './defaulting.ts'
export { validateObject, validateObjectUpdate, validateStatus } from './object-validation.ts'
