import { approvalCondition } from '../kinds/apiextensions/api-approval.ts'
import { type CustomResourceDefinition, isTrue } from '../kinds/apiextensions/custom-resource-definition.ts'
import type { CustomResourceDefinitionCondition, CustomResourceDefinitionNames, CustomResourceDefinitionStatus } from '../kinds/generated/types.ts'
import { withCondition } from '../kinds/meta.ts'

/**
 * Which of the names a definition may have, and whether it is served: apiextensions' naming and establishing controllers.
 * A name belongs to who was given it first; one that is taken leaves the definition with what it had before.
 *
 * @param others  the definitions of the same group, without this one
 */
export function planStatus(crd: CustomResourceDefinition, others: readonly CustomResourceDefinition[], now: number): CustomResourceDefinitionStatus {
  const { names } = crd.spec
  const old = crd.status?.acceptedNames
  const taken = namesOf(others)
  const accepted: CustomResourceDefinitionNames = { plural: old?.plural ?? '', kind: old?.kind ?? '' }
  const conflicts: Array<{ reason: string; name: string }> = []
  const claim = (name: string | undefined, reason: string, words: ReadonlySet<string>, take: (name: string) => void): void => {
    if (!name) return
    if (words.has(name)) conflicts.push({ reason, name })
    else take(name)
  }
  claim(names.plural, 'PluralConflict', taken.resources, (plural) => (accepted.plural = plural))
  claim(names.singular, 'SingularConflict', taken.resources, (singular) => (accepted.singular = singular))
  const short = names.shortNames?.find((name) => taken.resources.has(name))
  if (short) conflicts.push({ reason: 'ShortNamesConflict', name: short })
  else if (names.shortNames?.length) accepted.shortNames = names.shortNames
  claim(names.kind, 'KindConflict', taken.kinds, (kind) => (accepted.kind = kind))
  claim(names.listKind, 'ListKindConflict', taken.kinds, (listKind) => (accepted.listKind = listKind))
  if (names.categories?.length) accepted.categories = names.categories
  const [conflict] = conflicts
  const condition = (next: CustomResourceDefinitionCondition, conditions = crd.status?.conditions) => withCondition(conditions, next, now)
  const named = condition(conflict
    ? { type: 'NamesAccepted', status: 'False', reason: conflict.reason, message: `${JSON.stringify(conflict.name)} is already in use` }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' })
  // who was established stays so
  const established: CustomResourceDefinitionCondition | undefined = isTrue(crd, 'Established')
    ? undefined
    : conflict
      ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }
  const approval = approvalCondition(crd)
  const approved = approval ? condition(approval, named) : named
  return { ...crd.status, conditions: established ? condition(established, approved) : approved, acceptedNames: accepted }
}

function namesOf(others: readonly CustomResourceDefinition[]): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { status } of others) {
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? { plural: '', kind: '' }
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name)
    for (const name of [kind, listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}
