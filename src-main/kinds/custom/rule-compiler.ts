import type { Environment } from '../../base/cel/declarations.ts'
import { compile, type Program } from '../../base/cel/program.ts'
import { optional } from '../../base/cel/types.ts'
import type { Steps } from '../../base/turns.ts'
import type { ValidationRule } from '../generated/types.ts'
import { type CelType, typedSelf } from './cel-values.ts'
import type { JsonSchema } from './json-schema.ts'

/** Compiles what the rules of one place say. */
export class RuleCompiler {
  readonly self: CelType
  readonly #env: Environment

  constructor(schema: JsonSchema, isRoot: boolean) {
    const { env, self } = typedSelf(schema, isRoot)
    this.#env = env
    this.self = self
  }

  /** @throws BadExpression */
  compile(expression: string, { optionalOldSelf }: ValidationRule): Steps<Program> {
    const { type } = this.self
    return compile(this.#env.with({ self: type, oldSelf: optionalOldSelf ? optional(type) : type }), expression)
  }
}
