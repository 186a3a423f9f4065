import { amountOf } from '../../base/amount.ts'
import { isEmpty } from '../../base/json-steps.ts'
import { parseQuantity } from '../../base/quantity.ts'
import { atOnce, type Steps } from '../../base/turns.ts'
import { each, say } from '../checks.ts'
import { createdAt } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { LimitRange, LimitRangeItem } from '../generated/types.ts'
import { together } from '../long-maps.ts'
import { lookup } from '../lookup.ts'
import { defineKind } from '../kind.ts'
import { checkContainerResource, checkResourceName, isOvercommitted } from './resources.ts'
import { isQualifiedName } from '../validation.ts'

export type { LimitRange }

export const limitRange = defineKind<LimitRange>({
  group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.LimitRange',
  createOnUpdate: true,
  default: (object) => atOnce(fillIn(object)),
  defaultInSteps: fillIn,
  ownRules: true,
  validate: ({ spec }, root) => {
    const at = root.child('spec', 'limits')
    const seen = new Set<string>()
    return each(spec?.limits ?? [], at, (item, here) => {
      const { type = '' } = item as Partial<LimitRangeItem>
      const again = seen.has(type) ? [here.child('type').duplicate(type)] : []
      seen.add(type)
      return [...checkTypeName(type, here.child('type')), ...again, ...checkItem(item, here)]
    })
  },
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    createdAt,
  ],
})

/** A default limit is the maximum unless said, a default request the default limit, else the minimum. */
function* fillIn({ spec }: LimitRange): Steps<void> {
  for (const item of spec?.limits ?? []) {
    yield
    if (item.type !== 'Container') continue
    const limits = yield* together([item.max, item.default])
    const requests = yield* together([item.min, limits, item.defaultRequest])
    for (const [name, values] of [['default', limits], ['defaultRequest', requests]] as const) {
      if (isEmpty(values)) delete item[name]
      else item[name] = values
    }
  }
}

const types = ['Container', 'PersistentVolumeClaim', 'Pod']

function checkTypeName(type: string, at: FieldPath): FieldError[] {
  const wrong = isQualifiedName(type)
  if (wrong.length > 0) return say(at, type, wrong)
  return type.includes('/') || types.includes(type) ? [] : [at.invalid(type, 'must be a standard limit type or fully qualified')]
}

/** What is limited of pods and containers is what these have; of the rest any resource. */
const ruleOf = (type: string): typeof checkResourceName => (type === 'Pod' || type === 'Container' ? checkContainerResource : checkResourceName)

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function checkItem(item: LimitRangeItem, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const check = ruleOf(item.type)
  const names = (list: (typeof lists)[number]): string[] => Object.keys(item[list] ?? {})
  for (const list of ['max', 'min'] as const) errors.push(...names(list).flatMap((name) => check(name, at.child(list).key(name))))
  if (item.type === 'Pod') {
    const given = (['default', 'defaultRequest'] as const).filter((list) => names(list).length > 0)
    errors.push(...given.map((list) => at.child(list).forbidden("may not be specified when `type` is 'Pod'")))
  } else {
    for (const list of ['default', 'defaultRequest'] as const) errors.push(...names(list).flatMap((name) => check(name, at.child(list).key(name))))
  }
  if (item.type === 'PersistentVolumeClaim' && !names('min').includes('storage') && !names('max').includes('storage')) {
    errors.push(at.child('limits').required('either minimum or maximum storage value is required, but neither was provided'))
  }
  errors.push(...names('maxLimitRequestRatio').flatMap((name) => check(name, at.child('maxLimitRequestRatio').key(name))))
  // a pod as a whole has no defaults that could be too much
  const { default: _default, defaultRequest: _request, ...ofPod } = item
  const bounds: LimitRangeItem = item.type === 'Pod' ? ofPod : item
  return [...errors, ...[...new Set(lists.flatMap((list) => Object.keys(bounds[list] ?? {})))].flatMap((name) => checkBounds(bounds, name, at))]
}

const words = { min: 'min', max: 'max', default: 'default', defaultRequest: 'default request' } as const

/** What must not be above what, in Kubernetes' order, which of the two the mistake is about, and whose value it shows where that is not the same. */
const order = [
  ['min', 'max', 'min'], ['min', 'defaultRequest', 'defaultRequest'], ['defaultRequest', 'max', 'defaultRequest'],
  ['defaultRequest', 'default', 'defaultRequest'], ['min', 'default', 'default', 'min'], ['default', 'max', 'default', 'max'],
] as const

function checkBounds(item: LimitRangeItem, name: string, at: FieldPath): FieldError[] {
  const errors = order.flatMap(([low, high, blamed, shown = blamed]) => {
    const [less, more, value] = [lookup(item[low], name), lookup(item[high], name), lookup(item[shown], name)]
    if (less === undefined || more === undefined || amountOf(less).nano <= amountOf(more).nano) return []
    const bound = low === 'defaultRequest' && high === 'default' ? 'default limit' : words[high]
    return [at.child(blamed).key(name).invalid(value, `${words[low]} value ${less} is greater than ${bound} value ${more}`)]
  })
  const [byDefault, requested] = [lookup(item.default, name), lookup(item.defaultRequest, name)]
  const fixed = isOvercommitted(name) || byDefault === undefined || requested === undefined || amountOf(byDefault).nano === amountOf(requested).nano
    ? []
    : [at.child('defaultRequest').key(name).invalid(requested, `default value ${byDefault} must equal to defaultRequest value ${requested} in ${name}`)]
  return [...errors, ...checkRatio(item, name, at), ...fixed]
}

function checkRatio(item: LimitRangeItem, name: string, at: FieldPath): FieldError[] {
  const amount = (quantity: string): number => parseQuantity(quantity) ?? 0
  const errors: FieldError[] = []
  const ratio = lookup(item.maxLimitRequestRatio, name)
  if (ratio === undefined) return errors
  const here = at.child('maxLimitRequestRatio').key(name)
  if (amount(ratio) < 1) errors.push(here.invalid(ratio, `ratio ${ratio} is less than 1`))
  const [min, max] = [lookup(item.min, name), lookup(item.max, name)]
  if (min === undefined || max === undefined) return errors
  const limit = amount(max) / amount(min)
  return amount(ratio) > limit ? [...errors, here.invalid(ratio, `ratio ${ratio} is greater than max/min = ${limit.toFixed(6)}`)] : errors
}
