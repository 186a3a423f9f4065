import { customResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../../kinds/custom/cel-rules.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { Reviewer } from '../admission/chain.ts'

/** Before a definition is written its rules must be readable, and reading them needs CEL, which is loaded when needed. */
export const rulesReadable: Reviewer = {
  name: 'CustomResourceRules',
  concerns: ({ operation, kind }) => operation !== 'DELETE' && mayHaveRules(kind),
  async admit({ object, context }) {
    // to look through a large one takes longer
    if (context.large || hasRules(object)) await loadRules()
    return undefined
  },
}

export const mayHaveRules = (kind: AnyKind): boolean => kind === customResourceDefinition || kind.group === 'admissionregistration.k8s.io'

export const hasRules = (object: object): boolean => /"(x-kubernetes-validations|matchConditions|matchConstraints|validations|mutations|variables|auditAnnotations)"/.test(JSON.stringify(object))
