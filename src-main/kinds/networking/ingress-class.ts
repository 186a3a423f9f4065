import { say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { IngressClass, IngressClassParametersReference } from '../generated/types.ts'
import { defineKind, type Kind } from '../kind.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { otherVersion } from '../versions.ts'
import { checkTypedReference } from './references.ts'

export type { IngressClass }

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', plural: 'ingressclasses',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  generation: true,
  ownRules: true,
  default: ({ spec }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  validate: ({ spec }, at) => [
    ...checkController(spec?.controller ?? '', at.child('spec', 'controller')),
    ...(spec?.parameters ? checkParameters(spec.parameters, at.child('spec', 'parameters')) : []),
  ],
  validateUpdate: ({ spec }, { spec: old }, at) =>
    spec?.controller === old?.controller ? [] : [at.child('spec', 'controller').immutable(spec?.controller)],
  columns: [
    { name: 'Controller', type: 'string', description: 'Controller that is responsible for handling this class', cell: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', description: 'A reference to a resource with additional parameters', cell: parametersOf },
    age,
  ],
})

export const ingressClassV1Beta1: Kind<IngressClass> = otherVersion(ingressClass, { version: 'v1beta1', deprecated: { since: '1.19', until: '1.22' } })

/** maxLenIngressClassController of networking validation, in bytes. */
const maxController = 250
const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const wholePath = new RegExp(`^${httpPath}$`)

/** `example.com/name`, as IsDomainPrefixedPath of apimachinery wants it. */
function checkController(controller: string, at: FieldPath): FieldError[] {
  if (!controller) return [at.required()]
  const errors = controller.length > maxController ? [at.tooLong(maxController)] : []
  const slash = controller.indexOf('/')
  const [host, path] = [controller.slice(0, Math.max(slash, 0)), controller.slice(slash + 1)]
  if (!host || !path) return [...errors, at.invalid(controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  errors.push(...say(at, host, isDNS1123Subdomain(host)))
  return wholePath.test(path) ? errors : [...errors, at.invalid(path, `Invalid path (regex used for validation is '${httpPath}')`)]
}

const scopes = ['Cluster', 'Namespace']

function checkParameters(parameters: IngressClassParametersReference, at: FieldPath): FieldError[] {
  const { scope = '', namespace } = parameters
  const errors = checkTypedReference(parameters, at)
  const here = at.child('namespace')
  if (!scopes.includes(scope)) errors.push(at.child('scope').notSupported(scope, scopes))
  else if (scope === 'Cluster' && namespace !== undefined) errors.push(here.forbidden("`parameters.scope` is set to 'Cluster'"))
  else if (scope === 'Namespace' && namespace === undefined) errors.push(here.required("`parameters.scope` is set to 'Namespace'"))
  else if (namespace !== undefined) errors.push(...say(here, namespace, isDNS1123Label(namespace)))
  return errors
}

function parametersOf({ spec }: IngressClass): string {
  if (!spec?.parameters) return '<none>'
  const { kind, apiGroup, name } = spec.parameters
  return `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}`
}
