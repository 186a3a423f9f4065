import { customResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../../kinds/custom/cel-rules.ts'
import type { Reviewer } from '../admission/chain.ts'

/** Before a definition is written its rules must be readable, and reading them needs CEL, which is loaded when needed. */
export const rulesReadable: Reviewer = {
  name: 'CustomResourceRules',
  concerns: ({ operation, kind }) => operation !== 'DELETE' && kind === customResourceDefinition,
  admit: ({ object }) => (hasRules(object) ? loadRules() : Promise.resolve()),
}

export const hasRules = (crd: object): boolean => JSON.stringify(crd).includes('"x-kubernetes-validations"')
