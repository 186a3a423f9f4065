/** How an object is checked and completed, from body to store: structure, pruning, defaults, rules. */
export { schemas } from './schemas.ts'
export { checkStructure, checkStructureInSteps } from './structure-walk.ts'
export { prune, pruneInSteps } from './pruning.ts'
export { applyDefaults, defaultInSteps } from './defaulting.ts'
export { validateObject, validateObjectUpdate, validatePart, validateStatus, validateUpdate } from './object-validation.ts'
