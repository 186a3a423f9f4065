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
  const { accepted, conflict } = planNames(crd, namesOf([...others, crd]))
  const condition = (next: CustomResourceDefinitionCondition, conditions = crd.status?.conditions) => withCondition(conditions, next, now)
  const named = condition(conflict
    ? { type: 'NamesAccepted', status: 'False', reason: conflict.reason, message: conflict.message }
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

interface Taken {
  readonly resources: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
}

interface Named {
  readonly accepted: CustomResourceDefinitionNames
  readonly conflict?: { readonly reason: string; readonly message: string }
}

/** What it had it keeps; of several conflicts the last is told. */
function planNames({ spec: { names }, status }: CustomResourceDefinition, { resources, kinds }: Taken): Named {
  const old = status?.acceptedNames
  const accepted: CustomResourceDefinitionNames = { ...old, plural: old?.plural ?? '', kind: old?.kind ?? '' }
  let conflict: Named['conflict']
  const claim = (name: 'plural' | 'singular' | 'kind' | 'listKind', reason: string, taken: ReadonlySet<string>): void => {
    const wished = names[name] ?? ''
    if (wished !== (old?.[name] ?? '') && taken.has(wished)) conflict = { reason, message: inUse([wished]) }
    else if (wished) accepted[name] = wished
  }
  claim('plural', 'PluralConflict', resources)
  claim('singular', 'SingularConflict', resources)
  const others = names.shortNames?.filter((name) => !old?.shortNames?.includes(name) && resources.has(name)) ?? []
  if (others.length > 0) conflict = { reason: 'ShortNamesConflict', message: inUse(others) }
  else if (names.shortNames?.length) accepted.shortNames = names.shortNames
  else delete accepted.shortNames
  claim('kind', 'KindConflict', kinds)
  claim('listKind', 'ListKindConflict', kinds)
  if (names.categories?.length) accepted.categories = names.categories
  else delete accepted.categories
  return conflict ? { accepted, conflict } : { accepted }
}

function inUse(names: readonly string[]): string {
  const sentences = [...new Set(names)].map((name) => `${JSON.stringify(name)} is already in use`)
  return sentences.length === 1 ? sentences[0]! : `[${sentences.join(', ')}]`
}

function namesOf(definitions: readonly CustomResourceDefinition[]): Taken {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { status } of definitions) {
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? { plural: '', kind: '' }
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name)
    for (const name of [kind, listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}
