import { Authorizer, type Question } from '../../../base/cel/authorizer.ts'
import type { Budget } from '../../../base/cel/budget.ts'
import type { Program } from '../../../base/cel/program.ts'
import { fromJson } from '../../../base/cel/from-json.ts'
import { parseFieldSelector, type Selector } from '../../../base/selector.ts'
import { admissionCel } from '../../../kinds/custom/cel-rules.ts'
import type { Wanted } from '../../../kinds/cel/admission.ts'
import type { Variable } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { parseSelector } from '../../../kinds/selector-text.ts'
import type { Authorize } from '../../authz.ts'
import type { User } from '../../verbs.ts'
import type { AdmissionRequest } from '../chain.ts'
import { inKind, isNamespace, namespaceNamed } from '../match-rules.ts'

/** An expression that is ready to run, or why it is not. */
export interface Expression {
  readonly text: string
  readonly program?: Program
  readonly error?: string
}

/** What an expression came to. */
export type Outcome = { readonly value: unknown } | { readonly error: string }

/** Expressions of one policy: they share its variables. */
export interface Compiler {
  expression(text: string, wanted: Wanted, more?: { readonly authorizer?: boolean; readonly patchTypes?: boolean }): Expression
  /** The variable `variables` of one run. */
  variables(given: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

const orReason = (text: string, make: () => Program): Expression => {
  try {
    return { text, program: make() }
  } catch (error) {
    if (error instanceof Error && error.name === 'BadExpression') return { text, error: error.message }
    throw error
  }
}

/** Needs CEL to be loaded. */
export function createCompiler(params: boolean, list: readonly Variable[] = []): Compiler {
  const { admissionEnvironment, compileWanted, fieldType, noVariables } = admissionCel()
  const { Values } = noVariables()
  const types: Record<string, string> = {}
  const programs = new Map<string, Expression>()
  for (const { name, expression } of list) {
    const made = orReason(expression, () => compileWanted(admissionEnvironment({ params, authorizer: true, variables: { Values, types } }), expression, undefined))
    programs.set(name, made)
    types[name] = fieldType(made.program?.type ?? 'dyn')
  }
  const environments = new Map([true, false].map((authorizer) => [authorizer, admissionEnvironment({ params, authorizer, variables: { Values, types } })]))
  return {
    expression: (text, wanted, { authorizer = true, patchTypes = false } = {}) =>
      orReason(text, () => compileWanted(environments.get(authorizer)!, text, wanted, patchTypes)),
    variables(given, budget) {
      const values: unknown = new Values((name): unknown => {
        const found = programs.get(name)
        if (!found?.program) throw new Error(`composited variable ${JSON.stringify(name)} fails to compile: ${found?.error ?? 'no such key'}`)
        try {
          return found.program.run({ ...given, variables: values }, budget)
        } catch (error) {
          if (error instanceof Error && error.name === 'EvaluationFailed') throw new Error(`composited variable ${JSON.stringify(name)} fails to evaluate: ${error.message}`, { cause: error })
          throw error
        }
      })
      return values
    },
  }
}

/** @throws CostExceeded when nothing may run any more */
export function evaluate({ text, program, error }: Expression, variables: Readonly<Record<string, unknown>>, budget: Budget): Outcome {
  if (!program) return { error: `compilation error: ${error}` }
  try {
    return { value: program.run(variables, budget) }
  } catch (thrown) {
    if (!(thrown instanceof Error) || budget.exhausted || !['EvaluationFailed', 'CostExceeded'].includes(thrown.name)) throw thrown
    return { error: `expression '${text}' resulted in error: ${thrown.message}` }
  }
}

/** A request in the variables of expressions; `matched` is the kind whose rules it fell under. */
export function variablesOf(request: AdmissionRequest, matched: AnyKind, authorize: Authorize | undefined): Record<string, unknown> {
  const { kind, namespace, operation, object, old, type, read } = request
  const shown = (each: Readonly<KubeObject> | undefined) => (each ? fromJson(type ? each : inKind(each, kind, matched)) : null)
  const inNamespace = namespace && !isNamespace(kind) ? namespaceNamed(read, namespace) : undefined
  return {
    object: operation === 'DELETE' ? null : shown(object),
    oldObject: shown(old),
    request: requestOf(request, matched),
    namespaceObject: inNamespace ? namespaceValue(inNamespace) : null,
    ...(authorize ? { authorizer: authorizerFor(request, authorize) } : {}),
  }
}

const filled = (fields: Readonly<Record<string, unknown>>): Map<string, unknown> =>
  new Map(Object.entries(fields).filter(([, value]) => value !== '' && value !== undefined))

function requestOf({ kind, namespace, name, operation, subresource, type, context }: AdmissionRequest, matched: AnyKind): Map<string, unknown> {
  const { user, dryRun = false, fieldManager } = context
  const gvk = ({ apiVersion, version, kind: word }: Pick<AnyKind, 'apiVersion' | 'version' | 'kind'>) =>
    new Map([['group', apiVersion.includes('/') ? apiVersion.split('/')[0] : ''], ['version', version], ['kind', word]])
  const gvr = ({ group, version, plural }: AnyKind) => new Map([['group', group], ['version', version], ['resource', plural]])
  const optionsKind = `${operation.charAt(0)}${operation.slice(1).toLowerCase()}Options`
  return filled({
    kind: gvk(type ?? matched), resource: gvr(matched), subResource: subresource,
    requestKind: gvk(type ?? kind), requestResource: gvr(kind), requestSubResource: subresource,
    name, namespace: isNamespace(kind) ? name : namespace, operation, dryRun,
    userInfo: filled({
      username: user.name, uid: user.uid, groups: [...user.groups],
      extra: user.extra && new Map(Object.entries(user.extra).map(([key, values]) => [key, [...values]])),
    }),
    options: filled({ apiVersion: 'meta.k8s.io/v1', kind: optionsKind, fieldManager, dryRun: dryRun ? ['All'] : undefined }),
  })
}

const namespaceFields = [
  'name', 'generateName', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels',
  'annotations', 'finalizers',
] as const

function namespaceValue({ metadata, spec, status }: Readonly<KubeObject> & { spec?: unknown; status?: unknown }): unknown {
  const shown = Object.fromEntries(namespaceFields.filter((name) => metadata[name] !== undefined).map((name) => [name, metadata[name]]))
  return fromJson({ metadata: shown, spec: spec ?? {}, status: status ?? {} })
}

const accountOf = ({ namespace, name }: { namespace: string; name: string }): User => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
})

function authorizerFor({ kind, namespace, name, subresource = '', context }: AdmissionRequest, authorize: Authorize): Authorizer {
  const about = { group: kind.group, resource: kind.plural, subresource, namespace: namespace ?? '', name }
  return new Authorizer((question, account) => authorize(account ? accountOf(account) : context.user, attributesOf(question)), about)
}

function attributesOf(question: Question): Parameters<Authorize>[1] {
  if ('path' in question) return question
  const { fieldSelector, labelSelector, ...rest } = question
  const fields = selectorOr(fieldSelector, parseFieldSelector)
  const labels = selectorOr(labelSelector, parseSelector)
  return { ...rest, version: '*', ...(fields ? { fieldSelector: fields } : {}), ...(labels ? { labelSelector: labels } : {}) }
}

function selectorOr(text: string, parse: (text: string) => Selector): Selector | undefined {
  if (text === '') return undefined
  try {
    return parse(text)
  } catch {
    // as Kubernetes: a selector that is none narrows nothing
    return undefined
  }
}
