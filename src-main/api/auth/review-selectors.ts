import { parseFieldSelector, type Requirement, type Selector } from '../../base/selector.ts'
import { each, say } from '../../kinds/checks.ts'
import type { FieldError, FieldPath } from '../../kinds/field-error.ts'
import type { ResourceAttributes } from '../../kinds/generated/types.ts'
import { parseSelector } from '../../kinds/selector-text.ts'
import { isQualifiedName, isValidLabelValue } from '../../kinds/validation.ts'

type Asked = Pick<ResourceAttributes, 'fieldSelector' | 'labelSelector'>
type Part = NonNullable<Asked['fieldSelector'] | Asked['labelSelector']>
type Expression = NonNullable<Part['requirements']>[number]

/** A selector that a review asks about; an operator that nobody knows may come from a newer client. */
export const checkReviewSelectors = ({ fieldSelector, labelSelector }: Asked, at: FieldPath): FieldError[] => [
  ...checkPart(fieldSelector, at.child('fieldSelector'), ({ key }, here) => (key ? [] : [here.child('key').required('must be specified')]), () => []),
  ...checkPart(labelSelector, at.child('labelSelector'), () => [], ({ key = '', values }, here) => [
    ...say(here.child('key'), key, isQualifiedName(key)),
    ...each(values, here.child('values'), (value, there) => say(there, value, isValidLabelValue(value))),
  ]),
]

type Rule = (expression: Expression, at: FieldPath) => FieldError[]

function checkPart(selector: Part | undefined, at: FieldPath, first: Rule, last: Rule): FieldError[] {
  if (!selector) return []
  const { rawSelector = '', requirements = [] } = selector
  const one = requirements.length > 0 ? [] : [at.child('requirements').required(`when ${at.toString()} is specified, requirements or rawSelector is required`)]
  const both = requirements.length > 0 ? [at.child('rawSelector').invalid(rawSelector, 'may not specified at the same time as requirements')] : []
  return [
    ...(rawSelector === '' ? one : both),
    ...each(requirements, at.child('requirements'), (expression, here) => [...first(expression, here), ...checkValues(expression, here.child('values')), ...last(expression, here)]),
  ]
}

function checkValues({ operator, values = [] }: Expression, at: FieldPath): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) return [at.required("must be specified when `operator` is 'In' or 'NotIn'")]
  if ((operator !== 'Exists' && operator !== 'DoesNotExist') || values.length === 0) return []
  return [at.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
}

export interface ReadSelectors {
  readonly fieldSelector?: Selector
  readonly labelSelector?: Selector
  /** What of them narrows nothing, because it cannot be read: the question is then about more, not about less. */
  readonly ignored: readonly string[]
}

export function readReviewSelectors({ fieldSelector, labelSelector }: Asked): ReadSelectors {
  const fields = readPart(fieldSelector, parseFieldSelector, fieldRequirement)
  const labels = readPart(labelSelector, parseSelector, labelRequirement)
  const told = (name: string, { isWhole, selector }: Reading): string[] =>
    isWhole ? [] : [`spec.resourceAttributes.${name} ${selector.length > 0 ? 'partially ignored' : 'ignored'} due to parse error`]
  return {
    ...(fields.selector.length > 0 ? { fieldSelector: fields.selector } : {}),
    ...(labels.selector.length > 0 ? { labelSelector: labels.selector } : {}),
    ignored: [...told('fieldSelector', fields), ...told('labelSelector', labels)],
  }
}

interface Reading {
  readonly selector: Selector
  readonly isWhole: boolean
}

function readPart(part: Part | undefined, parse: (text: string) => Selector, read: (expression: Expression) => Requirement | undefined): Reading {
  const { rawSelector = '', requirements = [] } = part ?? {}
  if (requirements.length > 0) {
    const selector = requirements.flatMap((expression) => read(expression) ?? [])
    return { selector, isWhole: selector.length === requirements.length }
  }
  try {
    return { selector: rawSelector === '' ? [] : parse(rawSelector), isWhole: true }
  } catch {
    return { selector: [], isWhole: false }
  }
}

/** A field is compared with one value. */
function fieldRequirement({ key = '', operator, values = [] }: Expression): Requirement | undefined {
  if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return undefined
  return { key, operator: operator === 'In' ? '=' : '!=', values }
}

const labelOperators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const

function labelRequirement({ key = '', operator, values = [] }: Expression): Requirement | undefined {
  const known = Object.entries(labelOperators).find(([name]) => name === operator)?.[1]
  return known && { key, operator: known, values }
}
