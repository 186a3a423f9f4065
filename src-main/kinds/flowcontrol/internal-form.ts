import type { FlowSchemaSpec, PolicyRulesWithSubjects, PriorityLevelConfigurationSpec } from '../generated/types.ts'

/** As Kubernetes prints a spec that it refuses as a whole: the names and the order of its own structures. */
export const internalFlowSchema = ({ priorityLevelConfiguration: level, matchingPrecedence = 0, distinguisherMethod, rules }: FlowSchemaSpec): unknown => ({
  PriorityLevelConfiguration: { Name: level?.name ?? '' }, MatchingPrecedence: matchingPrecedence,
  DistinguisherMethod: distinguisherMethod ? { Type: distinguisherMethod.type } : null,
  Rules: rules?.map(internalRule) ?? null,
})

const nameOf = (subject: { name?: string } | undefined): unknown => (subject ? { Name: subject.name ?? '' } : null)

const internalRule = ({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects): unknown => ({
  Subjects: subjects?.map(({ kind, user, group, serviceAccount: account }) => ({
    Kind: kind, User: nameOf(user), Group: nameOf(group), ServiceAccount: account ? { Namespace: account.namespace, Name: account.name } : null,
  })) ?? null,
  ResourceRules: resourceRules?.map(({ verbs, apiGroups, resources, clusterScope = false, namespaces }) => ({
    Verbs: verbs ?? null, APIGroups: apiGroups ?? null, Resources: resources ?? null, ClusterScope: clusterScope, Namespaces: namespaces ?? null,
  })) ?? null,
  NonResourceRules: nonResourceRules?.map(({ verbs, nonResourceURLs }) => ({ Verbs: verbs ?? null, NonResourceURLs: nonResourceURLs ?? null })) ?? null,
})

export function internalPriorityLevel({ type, limited, exempt }: PriorityLevelConfigurationSpec): unknown {
  const { type: response = '', queuing } = limited?.limitResponse ?? {}
  const Queuing = queuing ? { Queues: queuing.queues, HandSize: queuing.handSize, QueueLengthLimit: queuing.queueLengthLimit } : null
  return {
    Type: type,
    Limited: limited
      ? {
          NominalConcurrencyShares: limited.nominalConcurrencyShares, LimitResponse: { Type: response, Queuing },
          LendablePercent: limited.lendablePercent ?? null, BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
        }
      : null,
    Exempt: exempt ? { NominalConcurrencyShares: exempt.nominalConcurrencyShares ?? null, LendablePercent: exempt.lendablePercent ?? null } : null,
  }
}
