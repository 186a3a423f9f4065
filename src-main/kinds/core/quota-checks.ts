import { parseQuantity } from '../../base/quantity.ts'
import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement, ScopeSelector } from '../generated/types.ts'
import { isQualifiedName } from '../validation.ts'
import { isCounted } from './resources.ts'

const counted = [
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims',
  'services.nodeports', 'services.loadbalancers',
]
const measured = /^((requests\.|limits\.)?(cpu|memory|ephemeral-storage)|requests\.storage|(requests\.)?hugepages-.+)$/
const isStandard = (name: string): boolean => counted.includes(name) || measured.test(name)

/** Names that Kubernetes knows, or qualified ones; nothing negative, and whole numbers of whole things. */
export const checkHard = (hard: ResourceQuotaSpec['hard'], at: FieldPath): FieldError[] =>
  Object.entries(hard ?? {}).flatMap(([name, quantity]) => {
    const here = at.key(name)
    const amount = parseQuantity(quantity) ?? 0
    const errors = say(here, name, isQualifiedName(name))
    if (!name.includes('/') && !isStandard(name)) {
      if (errors.length === 0 && name !== 'storage') errors.push(here.invalid(name, 'must be a standard resource type or fully qualified'))
      errors.push(here.invalid(name, 'must be a standard resource for quota'))
    }
    if (amount < 0) errors.push(here.invalid(quantity, 'must be greater than or equal to 0'))
    if (isCounted(name) && !Number.isInteger(amount)) errors.push(here.invalid(quantity, 'must be an integer'))
    return errors
  })

const podScoped = /^(pods|(requests\.|limits\.)?(cpu|memory))$/

/** Whether a quota may bound the resource within the scope; what is not Kubernetes' own may be anything. */
function fits(scope: string, name: string): boolean {
  if (!isStandard(name)) return true
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return podScoped.test(name)
}

const contrary = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const

export function checkScopes(spec: ResourceQuotaSpec, at: FieldPath): FieldError[] {
  const { scopes = [], scopeSelector } = spec
  const names = Object.keys(spec.hard ?? {})
  const here = at.child('scopes')
  const unfitFor = counter((scope) => names.filter((name) => !fits(scope, name)).length)
  const unfit = scopes.flatMap((scope) => times(unfitFor(scope), () => here.invalid(scopes, 'unsupported scope applied to resource')))
  const selector = at.child('scopeSelector', 'matchExpressions')
  const unknown = scopes.filter((scope) => !known.includes(scope)).map(() => here.invalid(scopes, 'unsupported scope'))
  return [
    ...unknown,
    ...unfit,
    ...conflicts(scopes, here, scopes),
    // Kubernetes does not say which of them
    ...(scopeSelector?.matchExpressions ?? []).flatMap((requirement) => checkRequirement(requirement, selector, () =>
      times(unfitFor(requirement.scopeName), () => selector.invalid(asInternal(scopeSelector!), 'unsupported scope applied to resource')),
    )),
    ...conflicts((scopeSelector?.matchExpressions ?? []).map(({ scopeName }) => scopeName), selector, spec.scopes ?? null),
  ]
}

/** Counts once for each scope, of which there may be many, as there may be names. */
function counter(count: (scope: string) => number): (scope: string) => number {
  const known = new Map<string, number>()
  return (scope) => {
    const result = known.get(scope) ?? count(scope)
    known.set(scope, result)
    return result
  }
}

const times = <T>(many: number, make: () => T): T[] => Array.from({ length: many }, make)

const conflicts = (scopes: readonly string[], at: FieldPath, value: unknown): FieldError[] =>
  contrary.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() => at.invalid(value, 'conflicting scopes'))

const known = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass']
const operators = ['DoesNotExist', 'Exists', 'In', 'NotIn']
const withoutValues = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

/** Kubernetes prints its internal type, whose fields have no names for JSON. */
const asInternal = ({ matchExpressions }: ScopeSelector): unknown => ({
  MatchExpressions: matchExpressions?.map(({ scopeName, operator, values }) => ({ ScopeName: scopeName, Operator: operator, Values: values ?? null })) ?? null,
})

/** `unfit`: resources that the scope is not for. */
function checkRequirement({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, at: FieldPath, unfit: () => FieldError[]): FieldError[] {
  const errors: FieldError[] = []
  if (!known.includes(scopeName)) errors.push(at.child('scopeName').invalid(scopeName, 'unsupported scope'))
  errors.push(...unfit())
  if (withoutValues.includes(scopeName) && operator !== 'Exists') {
    errors.push(at.child('operator').invalid(operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"))
  }
  const listed = operator === 'In' || operator === 'NotIn'
  if (!operators.includes(operator)) return [...errors, at.child('operator').invalid(operator, 'not a valid selector operator')]
  if (listed && values.length === 0) errors.push(at.child('values').required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
  if (!listed && values.length > 0) errors.push(at.child('values').invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
  return errors
}
