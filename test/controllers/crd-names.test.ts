import { describe, expect, it } from 'vitest'
import { planStatus } from '../../src-main/controllers/crd-plan.ts'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'

type Names = Partial<CustomResourceDefinition['spec']['names']>

const definition = (names: Names, accepted?: Names) => ({
  metadata: { name: 'x' }, spec: { group: 'example.com', names },
  ...(accepted ? { status: { acceptedNames: accepted, conditions: null } } : {}),
}) as unknown as CustomResourceDefinition
const first = definition({}, { plural: 'as', singular: 'a', kind: 'A', listKind: 'AList', shortNames: ['x'] })

describe('the names of a definition', () => {
  it('are refused by those of others, of which the last kind of conflict is told', () => {
    const { conditions, acceptedNames } = planStatus(definition({ plural: 'as', singular: 'b', kind: 'A', listKind: 'BList' }), [first], 0)
    expect(conditions).toMatchObject([{ type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: '"A" is already in use' }, { type: 'Established', status: 'False', reason: 'NotAccepted' }])
    expect(acceptedNames).toEqual({ plural: '', singular: 'b', kind: '', listKind: 'BList' })
  })

  it('that are short are all told, also those that are its own in another way', () => {
    const { conditions, acceptedNames } = planStatus(definition({ plural: 'bs', kind: 'B', shortNames: ['x', 'as', 'free', 'bs'] }, { plural: 'bs', kind: 'B', shortNames: ['old'] }), [first], 0)
    expect(conditions?.[0]).toMatchObject({ reason: 'ShortNamesConflict', message: '["x" is already in use, "as" is already in use, "bs" is already in use]' })
    expect(acceptedNames?.shortNames).toEqual(['old'])
  })

  it('stay its own, and go when it gives them up', () => {
    const own = definition({ plural: 'bs', kind: 'B', singular: 'b' }, { plural: 'bs', kind: 'B', singular: 'b', shortNames: ['x'], categories: ['all'] })
    expect(planStatus(own, [], 0).acceptedNames).toEqual({ plural: 'bs', kind: 'B', singular: 'b' })
  })
})
