import { Environment, Optional } from '@marcbachmann/cel-js'
import type { EnvironmentPart } from './part.ts'
import { authorizerPart } from './authorizer.ts'
import { comprehensionPart } from './comprehensions.ts'
import { listFunctionsPart } from './list-functions.ts'
import { listPart } from './lists.ts'
import { networkPart } from './network.ts'
import { optionalPart } from './optionals.ts'
import { patchPart } from './patches.ts'
import { quantityPart } from './quantities.ts'
import { semverPart } from './semver.ts'
import { stringPart } from './strings.ts'
import { timePart } from './times.ts'
import { urlPart } from './urls.ts'

/** A variable that may be absent, as `optionalOldSelf` has it. */
export const optionalValue = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value))

const parts: readonly EnvironmentPart[] = [
  listPart, listFunctionsPart, stringPart, timePart, quantityPart, semverPart, urlPart, networkPart, optionalPart, comprehensionPart, authorizerPart, patchPart,
]

/** Nobody else is served while an expression is read. */
const maxAstNodes = 5_000
/** A loop is two levels to the library; how deep the whole may be is counted elsewhere. */
const maxDepth = 500

/** CEL with the functions that Kubernetes 1.36 adds. Variables are declared by the caller, on a clone. */
export function kubernetesCel(more: readonly EnvironmentPart[] = []): Environment {
  const env = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: { maxAstNodes, maxDepth } })
  for (const { types = {}, constants = {}, equal = {}, functions, macros = {} } of [...parts, ...more]) {
    for (const [name, type] of Object.entries(types)) env.registerType(name, type)
    for (const [name, [type, value]] of Object.entries(constants)) env.registerConstant(name, type, value)
    for (const [name, same] of Object.entries(equal)) env.registerOperator(`${name} == ${name}`, same as (a: unknown, b: unknown) => boolean)
    for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler as (...values: unknown[]) => unknown, { async: false })
    for (const [signature, handler] of Object.entries(macros)) env.registerFunction(signature, handler as (...values: unknown[]) => unknown)
  }
  return env
}
