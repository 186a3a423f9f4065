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
      if (!(error instanceof BadExpression) || isDecisive(error)) throw error
      return { program: compile(environment(this.#untyped, 'dyn'), expression), typed: false }
    }
  }
}

const simple = '(?:int|uint|double|string|bool|bytes)'
/** What is wrong of simple types is surely wrong; the library knows less of composed types than cel-go, which would take more. */
const decisive = [
  /: undefined field '/,
  new RegExp(`: found no matching overload for '[^']+' applied to '(?:\\w+\\.)?\\(${simple}(?:, ${simple})*\\)'`),
  new RegExp(`: expected type '${simple}' but found '${simple}'`),
]
const isDecisive = ({ message }: BadExpression): boolean => decisive.some((pattern) => pattern.test(message))
