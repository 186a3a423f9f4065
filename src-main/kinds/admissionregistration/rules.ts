import { each, present } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { RuleWithOperations } from '../generated/types.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']

/** RuleWithOperations of webhooks and policies: which requests they are about. */
export function checkRule(rule: RuleWithOperations, at: FieldPath): FieldError[] {
  return [
    ...alone(rule.operations, at.child('operations'), 'operations'),
    ...each(rule.operations, at.child('operations'), (operation, here) => (operations.includes(operation) ? [] : [here.notSupported(operation, operations)])),
    ...alone(rule.apiGroups, at.child('apiGroups'), 'API groups'),
    ...alone(rule.apiVersions, at.child('apiVersions'), 'API versions'),
    ...each(rule.apiVersions, at.child('apiVersions'), present),
    ...checkResources(rule.resources ?? [], at.child('resources')),
    ...(rule.scope === undefined || scopes.includes(rule.scope) ? [] : [at.child('scope').notSupported(rule.scope, scopes)]),
  ]
}

function alone(values: readonly string[] | undefined, at: FieldPath, what: string): FieldError[] {
  if (!values?.length) return [at.required()]
  return values.length > 1 && values.includes('*') ? [at.invalid(values, `if '*' is present, must not specify other ${what}`)] : []
}

function checkResources(resources: readonly string[], at: FieldPath): FieldError[] {
  const errors = resources.length === 0 ? [at.required()] : []
  const wholeResources = new Set<string>()
  const wholeSubresources = new Set<string>()
  // as in Kubernetes the last resource without a subresource decides
  let plain = false
  for (const [i, resource] of resources.entries()) {
    const here = at.child(i)
    const slash = resource.indexOf('/')
    if (resource === '') errors.push(here.required())
    else if (slash < 0) plain = resource !== '*'
    if (slash < 0) continue
    const [name, sub] = [resource.slice(0, slash), resource.slice(slash + 1)]
    if (wholeResources.has(name)) errors.push(here.invalid(resource, `if '${name}/*' is present, must not specify ${resource}`))
    if (wholeSubresources.has(sub)) errors.push(here.invalid(resource, `if '*/${sub}' is present, must not specify ${resource}`))
    if (sub === '*') wholeResources.add(name)
    if (name === '*') wholeSubresources.add(sub)
  }
  if (resources.length > 1 && resources.includes('*/*')) errors.push(at.invalid(resources, "if '*/*' is present, must not specify other resources"))
  if (plain && resources.includes('*')) errors.push(at.invalid(resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}
