import { parseQuantity } from '../../base/quantity.ts'
import { each, present, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { LimitRange, LimitRangeItem } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { defineKind } from '../kind.ts'

export type { LimitRange }

export const limitRange = defineKind<LimitRange>({
  group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.LimitRange',
  createOnUpdate: true,
  default: ({ spec }) => {
    for (const item of spec?.limits ?? []) if (item.type === 'Container') defaultItem(item)
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec', 'limits')
    return [...each(spec?.limits, at, checkItem), ...unique(spec?.limits, ({ type }) => type, (i) => at.child(i, 'type'))]
  },
  columns: [
    { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name },
    { name: 'Created At', type: 'string', cell: ({ metadata }) => metadata.creationTimestamp },
  ],
})

/** A default limit is the maximum unless said, a default request the default limit, else the minimum. */
function defaultItem(item: LimitRangeItem): void {
  item.default = { ...item.max, ...item.default }
  item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
}

function checkItem(item: LimitRangeItem, at: FieldPath): FieldError[] {
  const errors = present(item.type, at.child('type'))
  const order = [['min', 'max'], ['min', 'defaultRequest'], ['min', 'default'], ['defaultRequest', 'default'], ['defaultRequest', 'max'], ['default', 'max']] as const
  for (const [low, high] of order) {
    for (const [name, quantity] of Object.entries(item[low] ?? {})) {
      const bound = lookup(item[high], name)
      if (bound === undefined || (parseQuantity(quantity) ?? 0) <= (parseQuantity(bound) ?? 0)) continue
      const [shown, value] = low === 'default' || low === 'defaultRequest' ? [low, quantity] : [high === 'max' ? 'min' : high, high === 'max' ? quantity : bound]
      errors.push(at.child(shown).key(name).invalid(value, `${words[low]} value ${quantity} is greater than ${words[high]} value ${bound}`))
    }
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    if ((parseQuantity(ratio) ?? 0) < 1) errors.push(at.child('maxLimitRequestRatio').key(name).invalid(ratio, `ratio ${ratio} is less than 1`))
  }
  return [...errors, ...checkType(item, at)]
}

function checkType(item: LimitRangeItem, at: FieldPath): FieldError[] {
  if (item.type === 'Pod') {
    const given = (['default', 'defaultRequest'] as const).filter((name) => Object.keys(item[name] ?? {}).length > 0)
    return given.map((name) => at.child(name).forbidden("may not be specified when `type` is 'Pod'"))
  }
  const bounded = [item.min, item.max].some((list) => lookup(list, 'storage') !== undefined)
  if (item.type !== 'PersistentVolumeClaim' || bounded) return []
  return [at.child('limits').required('either minimum or maximum storage value is required, but neither was provided')]
}

const words = { min: 'min', max: 'max', default: 'default', defaultRequest: 'default request' } as const
