import type { Environment } from '@marcbachmann/cel-js'
import { BadExpression, compile, type Program } from '../../base/cel/program.ts'
import { baseEnvironment } from '../cel/admission.ts'
import type { ValidationRule } from '../generated/types.ts'
import { type CelType, typedSelf } from './cel-values.ts'
import type { JsonSchema } from './json-schema.ts'

/** An expression of a rule; one that was not checked against the schema is run on values without types. */
export interface RuleProgram {
  readonly program: Program
  readonly typed: boolean
}

/** Compiles what the rules of one place say. */
export class RuleCompiler {
  readonly type: CelType
  readonly #typed: Environment
  readonly #untyped = baseEnvironment

  constructor(schema: JsonSchema, isRoot: boolean) {
    const { env, type } = typedSelf(schema, isRoot)
    this.#typed = env
    this.type = type
  }

  /** @throws BadExpression */
  compile(expression: string, { optionalOldSelf }: ValidationRule): RuleProgram {
    const environment = (env: Environment, name: string): Environment =>
      env.clone().registerVariable('self', name).registerVariable('oldSelf', optionalOldSelf ? `optional<${name}>` : name)
    try {
      return { program: compile(environment(this.#typed, this.type.name), expression), typed: true }
    } catch (error) {
      if (!(error instanceof BadExpression) || error.isSure) throw error
      return { program: compile(environment(this.#untyped, 'dyn'), expression), typed: false }
    }
  }
}
