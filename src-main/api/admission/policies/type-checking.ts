import type { Type } from '../../../base/cel/types.ts'
import { eachInSteps, type Steps, turns } from '../../../base/turns.ts'
import { validatingAdmissionPolicy } from '../../../kinds/admissionregistration/validating-admission-policy.ts'
import { admissionCel, loadRules } from '../../../kinds/custom/cel-rules.ts'
import type { ExpressionWarning, NamedRuleWithOperations, ValidatingAdmissionPolicy } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { Kinds } from '../../../kinds/kinds.ts'
import { schemas } from '../../../kinds/schemas.ts'
import { contentChanged } from '../../lifecycle.ts'
import type { Reviewer } from '../chain.ts'

const mostTypes = 10

type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>

/** Says in a policy's status what its expressions get wrong about the types that its rules name; it holds all the same. */
export const typeChecking = (kinds: Pick<Kinds, 'all' | 'find'>): Reviewer => ({
  name: 'ValidatingAdmissionPolicyStatus',
  concerns: ({ kind, operation, subresource }) => kind === validatingAdmissionPolicy && operation !== 'DELETE' && !subresource,
  async admit({ kind, object, old }) {
    if (old && !contentChanged(kind, object, old)) return undefined
    await loadRules()
    const policy = object as ValidatingAdmissionPolicy
    const expressionWarnings = await turns.finish(warningsOf(policy, kinds))
    policy.status = {
      ...policy.status,
      observedGeneration: old ? (old.metadata.generation ?? 0) + 1 : 1,
      typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
    }
    return undefined
  },
})

function* warningsOf({ spec = {} }: ValidatingAdmissionPolicy, kinds: Pick<Kinds, 'all' | 'find'>): Steps<ExpressionWarning[]> {
  const types = typesIn(spec.matchConstraints?.resourceRules ?? [], kinds)
  const expressions = (spec.validations ?? []).flatMap(({ expression, messageExpression }, i) => [
    [`spec.validations[${i}].expression`, expression],
    ...(messageExpression ? [[`spec.validations[${i}].messageExpression`, messageExpression]] : []),
  ] as Array<[string, string]>)
  const param = paramKindOf(spec, kinds)
  const found = new Map<string, string[]>()
  for (const kind of types) {
    const { group, version, kind: name } = kind
    const check = yield* checkerFor(kind, param, spec)
    yield* eachInSteps(expressions, function* ([fieldRef, expression]) {
      const issue = yield* check(expression)
      if (issue !== undefined) found.set(fieldRef, [...(found.get(fieldRef) ?? []), `${group ? `${group}/` : '/'}${version}, Kind=${name}: ${issue}\n`])
    })
  }
  return expressions.flatMap(([fieldRef]) => {
    const wrong = found.get(fieldRef)
    return wrong ? [{ fieldRef, warning: wrong.join('\n') }] : []
  })
}

/** What parameters are, where it is served. */
function paramKindOf({ paramKind }: Spec, kinds: Pick<Kinds, 'all'>): AnyKind | undefined {
  return paramKind && kinds.all.find(({ apiVersion, kind }) => apiVersion === paramKind.apiVersion && kind === paramKind.kind)
}

function* checkerFor(kind: AnyKind, param: AnyKind | undefined, { paramKind, variables }: Spec): Steps<(expression: string) => Steps<string | undefined>> {
  const { compileWanted, declareType, Scope } = admissionCel()
  const declared = ({ schema, custom }: AnyKind) => declareType(custom?.types ?? schemas, schema)
  const scope = new Scope({ params: paramKind === undefined ? false : param ? declared(param) : true, object: declared(kind) })
  const check = function* (expression: string): Steps<{ type?: Type; issue?: string }> {
    try {
      const { type } = yield* compileWanted(scope.for({ authorizer: true }), expression, undefined)
      return { type }
    } catch (error) {
      if (error instanceof Error && error.name === 'BadExpression') return { issue: error.message.replace(/^compilation failed: /, '') }
      throw error
    }
  }
  yield* eachInSteps(variables, function* ({ name, expression }) {
    scope.declare(name, (yield* check(expression)).type)
  })
  return function* (expression) {
    return (yield* check(expression)).issue
  }
}

/** The kinds that rules name outright. */
function typesIn(rules: readonly NamedRuleWithOperations[], kinds: Pick<Kinds, 'all' | 'find'>): AnyKind[] {
  const found = new Set<AnyKind>()
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules) {
    if ([...apiGroups, ...apiVersions].some((word) => word.includes('*'))) continue
    for (const group of apiGroups) for (const version of apiVersions) for (const resource of resources) {
      const kind = kinds.find(group, version, resource)
      if (kind && found.size < mostTypes) found.add(kind)
    }
  }
  return [...found].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

const sortKey = ({ group, version, kind }: AnyKind): string => `${group}/${version}/${kind}`
