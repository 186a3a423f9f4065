import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PodResourceClaim } from '../generated/types.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'

/** Devices that a pod asks for. */
export function checkResourceClaims(claims: readonly PodResourceClaim[] | undefined, list: FieldPath): FieldError[] {
  const names = new Set<string>()
  return each(claims, list, (claim, at) => {
    const { name = '', resourceClaimName: own, resourceClaimTemplateName: template } = claim as Partial<PodResourceClaim>
    const errors = !name ? [at.child('name').required()] : names.has(name) ? [at.child('name').duplicate(name)] : say(at.child('name'), name, isDNS1123Label(name))
    names.add(name)
    const asInternal = { Name: name, ResourceClaimName: own ?? null, ResourceClaimTemplateName: template ?? null }
    if (own !== undefined && template !== undefined) errors.push(at.invalid(asInternal, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    if (own === undefined && template === undefined) errors.push(at.invalid(asInternal, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    if (own !== undefined) errors.push(...say(at.child('resourceClaimName'), own, isDNS1123Subdomain(own)))
    if (template !== undefined) errors.push(...say(at.child('resourceClaimTemplateName'), template, isDNS1123Subdomain(template)))
    return errors
  })
}
