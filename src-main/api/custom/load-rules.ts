import { equalJson } from '../../base/json.ts'
import { customResourceDefinition, type CustomResourceDefinition } from '../../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../../kinds/custom/cel-rules.ts'
import { readRulesAhead } from '../../kinds/custom/structural.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { Reviewer } from '../admission/chain.ts'

/** Before a definition is written its rules must be readable, and reading them needs CEL, which is loaded when needed. */
export const rulesReadable: Reviewer = {
  name: 'CustomResourceRules',
  concerns: ({ operation, kind }) => operation !== 'DELETE' && (kind === customResourceDefinition || kind.group === 'admissionregistration.k8s.io'),
  async admit({ kind, object, old, subresource }) {
    if (!hasRules(object)) return undefined
    await loadRules()
    if (kind === customResourceDefinition && !subresource) await readAhead(object as KubeObject as CustomResourceDefinition, old as CustomResourceDefinition | undefined)
    return undefined
  },
}

/** Schemas that nobody has accepted yet. */
async function readAhead({ spec }: CustomResourceDefinition, old: CustomResourceDefinition | undefined): Promise<void> {
  for (const { name, schema } of spec?.versions ?? []) {
    const before = old?.spec.versions.find((version) => version.name === name)?.schema
    if (schema?.openAPIV3Schema && !equalJson(schema, before)) await readRulesAhead(schema.openAPIV3Schema)
  }
}

export const hasRules = (object: object): boolean => /"(x-kubernetes-validations|matchConditions|matchConstraints|validations|mutations|variables|auditAnnotations)"/.test(JSON.stringify(object))
