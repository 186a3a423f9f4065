import type { Family } from '../../../base/metric-families.ts'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../kinds/generated/types.ts'
import { mutatingAdmissionPolicyBinding } from '../../../kinds/admissionregistration/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicy } from '../../../kinds/admissionregistration/mutating-admission-policy.ts'
import { validatingAdmissionPolicyBinding } from '../../../kinds/admissionregistration/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicy } from '../../../kinds/admissionregistration/validating-admission-policy.ts'
import type { Kinds } from '../../../kinds/kinds.ts'
import type { Store } from '../../../store/store.ts'
import type { Authorize } from '../../authz.ts'
import type { AdmissionPlugin, Reviewer } from '../chain.ts'
import { MatchConditionMetrics } from '../match-condition-metrics.ts'
import { followPolicies } from './follow-policies.ts'
import { compileMutating, type CompiledMutating, mutatingPolicies } from './mutating.ts'
import { MutatingPolicyMetrics, ValidatingPolicyMetrics } from './policy-metrics.ts'
import { typeChecking } from './type-checking.ts'
import { compileValidating, type CompiledValidating, validatingPolicies } from './validating.ts'

export interface PolicyOptions {
  readonly store: Store
  /** Parameters may be of any of them. */
  readonly kinds: Kinds
  /** Answers what expressions ask of `authorizer`. */
  readonly authorize: Authorize
  /** Where to count what match conditions come to: webhooks have some too. */
  readonly conditions?: MatchConditionMetrics
}

export interface AdmissionPolicies {
  /** For the registry, behind the built-in ones. */
  readonly plugins: readonly AdmissionPlugin[]
  readonly reviewers: readonly Reviewer[]
  families(): Family[]
  close(): void
}

/** The admission policies that are stored. Costs nothing while there are none. */
export async function createPolicies({ store, kinds, authorize, conditions = new MatchConditionMetrics() }: PolicyOptions): Promise<AdmissionPolicies> {
  const mutating = await followPolicies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, CompiledMutating>({
    store, kinds, policyKind: mutatingAdmissionPolicy, bindingKind: mutatingAdmissionPolicyBinding, compile: compileMutating,
  })
  const validating = await followPolicies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, CompiledValidating>({
    store, kinds, policyKind: validatingAdmissionPolicy, bindingKind: validatingAdmissionPolicyBinding, compile: compileValidating,
  })
  const metrics = { mutating: new MutatingPolicyMetrics(conditions), validating: new ValidatingPolicyMetrics(conditions) }
  return {
    plugins: [mutatingPolicies(mutating, authorize, metrics.mutating), validatingPolicies(validating, authorize, metrics.validating)],
    reviewers: [typeChecking(kinds)],
    families: () => [...metrics.validating.families(), ...metrics.mutating.families()],
    close() {
      mutating.close()
      validating.close()
    },
  }
}
