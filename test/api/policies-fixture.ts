import { onTestFinished } from 'vitest'
import { type AdmissionPolicies, createPolicies } from '../../src-main/api/admission/policies/policies.ts'
import { StepMetrics } from '../../src-main/api/admission/step-metrics.ts'
import { MatchConditionMetrics } from '../../src-main/api/admission/match-condition-metrics.ts'
import { createAuthorizer } from '../../src-main/api/auth/authorizer.ts'
import { createRegistry } from '../../src-main/api/registry.ts'
import type { RequestContext, Verbs } from '../../src-main/api/verbs.ts'
import { kinds as builtIn } from '../../src-main/kinds/index.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { validatingAdmissionPolicyBinding } from '../../src-main/kinds/admissionregistration/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicy } from '../../src-main/kinds/admissionregistration/validating-admission-policy.ts'
import { mutatingAdmissionPolicyBinding } from '../../src-main/kinds/admissionregistration/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicy } from '../../src-main/kinds/admissionregistration/mutating-admission-policy.ts'
import { context, type Fixture, registry } from './registry-fixture.ts'

export interface PolicyFixture extends Fixture {
  readonly kinds: Kinds
  readonly families: AdmissionPolicies['families']
  create(kind: AnyKind, object: object, more?: Partial<RequestContext>, namespace?: string): ReturnType<Verbs['create']>
  /** A validating policy `p` with what is said, and a binding `b` that denies unless said. */
  validating(spec: object, binding?: object): Promise<void>
  /** A mutating policy with a binding. */
  mutating(name: string, spec: object, binding?: object): Promise<void>
}

/** A registry whose policies are followed as the cluster does. */
export async function policyFixture(): Promise<PolicyFixture> {
  const kinds = new Kinds(builtIn)
  const fixture = await registry()
  const authorizer = await createAuthorizer(fixture.store)
  const conditions = new MatchConditionMetrics()
  const policies = await createPolicies({ store: fixture.store, kinds, authorize: authorizer.authorize, conditions })
  onTestFinished(() => {
    policies.close()
    authorizer.close()
  })
  // the registry takes its plugins when it is made, and these need its store
  const steps = new StepMetrics()
  const verbs = createRegistry({ store: fixture.store, clock: fixture.clock, steps, plugins: policies.plugins, reviewers: policies.reviewers })
  const create: PolicyFixture['create'] = (kind, object, more = {}, namespace = kind.namespaced ? 'default' : undefined) =>
    verbs.create(kind, namespace, structuredClone(object), context(more))
  return {
    ...fixture, verbs, kinds, families: () => [...policies.families(), ...conditions.families(), ...steps.families()], create,
    async validating(spec, binding = {}) {
      await create(validatingAdmissionPolicy, { metadata: { name: 'p' }, spec: { matchConstraints: onPods, ...spec } })
      await create(validatingAdmissionPolicyBinding, { metadata: { name: 'b' }, spec: { policyName: 'p', validationActions: ['Deny'], ...binding } })
    },
    async mutating(name, spec, binding = {}) {
      await create(mutatingAdmissionPolicy, { metadata: { name }, spec: { matchConstraints: onPods, reinvocationPolicy: 'Never', ...spec } })
      await create(mutatingAdmissionPolicyBinding, { metadata: { name }, spec: { policyName: name, ...binding } })
    },
  }
}

/** `matchConstraints` for one resource. */
export const on = (resource: string, operations: readonly string[] = ['CREATE', 'UPDATE'], group = '', version = 'v1') =>
  ({ resourceRules: [{ apiGroups: [group], apiVersions: [version], operations, resources: [resource] }] })

export const onPods = on('pods')
