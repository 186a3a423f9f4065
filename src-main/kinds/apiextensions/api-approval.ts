import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../generated/types.ts'

/** The groups of Kubernetes' own project: whoever defines a type there says who approved of it. */
const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group)

const annotation = 'api-approved.kubernetes.io'
const reference = 'see https://github.com/kubernetes/enhancements/pull/1111'
const missing = `protected groups must have approval annotation "${annotation}", ${reference}`
const unreadable = `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${reference}`

const textOf = ({ metadata }: CustomResourceDefinition): string => metadata.annotations?.[annotation] ?? ''
const isUrl = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]/.test(text) && URL.canParse(text)

export function checkApproval(crd: CustomResourceDefinition, at: FieldPath, old?: CustomResourceDefinition): FieldError[] {
  const text = textOf(crd)
  if (!isProtected(crd.spec.group) || text.startsWith('unapproved') || isUrl(text)) return []
  // what was accepted once may stay as it is
  if (old && textOf(old) === text) return []
  const here = at.child('metadata', 'annotations').key(annotation)
  return [text === '' ? here.required(missing) : here.invalid(text, unreadable)]
}

/** Says the same as a condition; nobody's approval is needed outside the protected groups. */
export function approvalCondition(crd: CustomResourceDefinition): CustomResourceDefinitionCondition | undefined {
  if (!isProtected(crd.spec.group)) return undefined
  const text = textOf(crd)
  const condition = (status: string, reason: string, message: string) => ({ type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message })
  if (text === '') return condition('False', 'MissingAnnotation', missing)
  if (text.startsWith('unapproved')) return condition('False', 'UnapprovedAnnotation', `not approved: ${JSON.stringify(text)}`)
  return isUrl(text) ? condition('True', 'ApprovedAnnotation', `approved in ${text}`) : condition('False', 'InvalidAnnotation', unreadable)
}
