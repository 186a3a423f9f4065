import { eachInSteps, type Steps } from '../../base/turns.ts'
import type { Scope } from '../cel/admission.ts'
import { checkSelector, each, say, unique } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type {
  LabelSelector, MatchResources, MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, NamedRuleWithOperations, ParamKind, ParamRef, RuleWithOperations, ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding, Variable,
} from '../generated/types.ts'
import type { Column } from '../kind.ts'
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName } from '../validation.ts'
import { readExpression } from './match-conditions.ts'
import { checkRule } from './rules.ts'

export const failurePolicies = ['Fail', 'Ignore']
const matchPolicies = ['Equivalent', 'Exact']
const notFoundActions = ['Deny', 'Allow']

/** Changes `resources`. */
export function defaultMatchResources(resources: MatchResources | undefined): void {
  if (!resources) return
  resources.matchPolicy ??= 'Equivalent'
  resources.namespaceSelector ??= {}
  resources.objectSelector ??= {}
  for (const rule of [...(resources.resourceRules ?? []), ...(resources.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

type Policy = MutatingAdmissionPolicy | ValidatingAdmissionPolicy
type Binding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding

/** The defaults of both sorts of policies. */
export function defaultPolicy(policy: Policy): void {
  const spec = (policy.spec ??= {})
  spec.failurePolicy ??= 'Fail'
  defaultMatchResources(spec.matchConstraints)
}

/** Whether parameters have namespaces at all is not known here, so that a name without one may be anywhere. */
const showParamRef = (ref: ParamRef | undefined): string => {
  if (ref?.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref?.selector ? goSelector(ref.selector) : '<unset>'
}

/** As Go prints one. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).sort().map(([key, value]) => `${key}: ${value},`).join('')
  const requirements = matchExpressions.map(({ key, operator, values }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values?.join(' ') ?? ''}],},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${requirements}},}`
}

export const paramKindColumn: Column<Policy> = {
  name: 'ParamKind', type: 'string', description: 'ParamKind specifies the kind of resources used to parameterize this policy',
  cell: ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>'),
}

/** Of both sorts of bindings. */
export const bindingColumns: ReadonlyArray<Column<Binding>> = [
  { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
  { name: 'PolicyName', type: 'string', description: 'PolicyName indicates the policy definition which the policy binding binded to', cell: ({ spec }) => spec?.policyName },
  { name: 'ParamRef', type: 'string', description: 'ParamRef indicates the param resource which sets the configration param', cell: ({ spec }) => showParamRef(spec?.paramRef) },
  age,
]

export function checkOneOf(value: string | undefined, supported: readonly string[], at: FieldPath): FieldError[] {
  if (value === undefined || value === '') return [at.required()]
  return supported.includes(value) ? [] : [at.notSupported(value, supported)]
}

/** A policy's `matchConstraints`: at least one rule tells what it is about. */
export function checkConstraints(resources: MatchResources | undefined, at: FieldPath): FieldError[] {
  if (!resources) return [at.required()]
  return [...checkMatchResources(resources, at), ...(resources.resourceRules?.length ? [] : [at.child('resourceRules').required()])]
}

export function checkMatchResources(resources: MatchResources | undefined, at: FieldPath): FieldError[] {
  if (!resources) return []
  return [
    ...checkOneOf(resources.matchPolicy, matchPolicies, at.child('matchPolicy')),
    ...(['namespaceSelector', 'objectSelector'] as const).flatMap((name) =>
      resources[name] ? checkSelector(resources[name], at.child(name)) : [at.child(name).required()]),
    ...each(resources.resourceRules, at.child('resourceRules'), checkNamedRule),
    ...each(resources.excludeResourceRules, at.child('excludeResourceRules'), checkNamedRule),
  ]
}

const checkNamedRule = (rule: NamedRuleWithOperations, at: FieldPath): FieldError[] => [
  ...each(rule.resourceNames, at.child('resourceNames'), (name, here) => say(here, name, isPathSegmentName(name))),
  ...unique(rule.resourceNames, (name) => name, (i) => at.child('resourceNames', i)),
  ...checkRule(rule as RuleWithOperations, at),
]

const mutable = ['*', 'CONNECT', 'CREATE', 'UPDATE']

/** What is gone cannot be changed any more. */
export const checkMutable = (resources: MatchResources | undefined, at: FieldPath): FieldError[] =>
  (resources?.resourceRules ?? []).flatMap(({ operations }) => operations ?? []).filter((operation) => !mutable.includes(operation))
    .map((operation) => at.child('resourceRules', 'operations').notSupported(operation, mutable))

export function checkParamKind(paramKind: ParamKind | undefined, at: FieldPath): FieldError[] {
  if (!paramKind) return []
  const { apiVersion = '', kind = '' } = paramKind
  const errors = apiVersion === '' ? [at.child('apiVersion').required()] : checkGroupVersion(apiVersion, at.child('apiVersion'))
  const wrong = isDNS1035Label(kind.toLowerCase())
  if (kind === '') errors.push(at.child('kind').required())
  else if (wrong.length > 0) errors.push(at.child('kind').invalid(kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`))
  return errors
}

function checkGroupVersion(apiVersion: string, at: FieldPath): FieldError[] {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return [at.invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const [group, version = ''] = parts.length === 2 ? parts : ['', parts[0]]
  const joined = (value: string, sentences: readonly string[]): FieldError[] => (sentences.length > 0 ? [at.invalid(value, sentences.join(','))] : [])
  return [
    ...(group ? joined(group, isDNS1123Subdomain(group)) : []),
    ...(version === '' ? [at.invalid(apiVersion, 'version must be specified')] : joined(version, isDNS1035Label(version))),
  ]
}

function checkParamRef(ref: ParamRef | undefined, at: FieldPath): FieldError[] {
  if (!ref) return []
  const { name = '', selector } = ref
  const exclusive = 'name and selector are mutually exclusive'
  return [
    ...(name ? say(at.child('name'), name, isPathSegmentName(name)) : []),
    ...(name && selector ? [at.child('name').forbidden(exclusive)] : []),
    ...checkSelector(selector, at.child('selector')),
    ...(name && selector ? [at.child('selector').forbidden(exclusive)] : []),
    ...(name || selector ? [] : [at.required('one of name or selector must be specified')]),
    ...checkOneOf(ref.parameterNotFoundAction, notFoundActions, at.child('parameterNotFoundAction')),
  ]
}

/** What is wrong with a binding of either sort. */
export const checkBinding = ({ policyName = '', paramRef, matchResources }: NonNullable<Binding['spec']> = {}, at: FieldPath): FieldError[] => [
  ...(policyName ? say(at.child('policyName'), policyName, isDNS1123Subdomain(policyName)) : [at.child('policyName').required()]),
  ...checkParamRef(paramRef, at.child('paramRef')),
  ...checkMatchResources(matchResources, at.child('matchResources')),
]

const identifier = /^[_a-zA-Z]\w*$/
const reserved = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return',
  'var', 'void', 'while',
])

/** What is wrong with a policy's variables; declares them in its scope. */
export function* checkVariables(list: readonly Variable[] | undefined, scope: Scope, at: FieldPath): Steps<FieldError[]> {
  const found = yield* eachInSteps(list, function* ({ name = '', expression = '' }, i): Steps<FieldError[]> {
    const here = at.child(i)
    const wrong: FieldError[] = []
    if (!name.trim()) wrong.push(here.child('name').required('name is not specified'))
    else if (!identifier.test(name) || reserved.has(name)) wrong.push(here.child('name').invalid(name, 'must be a valid CEL identifier'))
    if (!expression.trim()) return [...wrong, here.child('expression').required('expression is not specified')]
    const read = yield* readExpression(scope, expression, { wanted: undefined, authorizer: true, patchTypes: false })
    if (read.type === undefined) wrong.push(here.child('expression').invalid(expression, read.wrong))
    if (name) scope.declare(name, wrong.length > 0 ? undefined : read.type)
    return wrong
  })
  return found.flat()
}
