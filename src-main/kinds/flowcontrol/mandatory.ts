import type { FlowSchemaSpec, PolicyRulesWithSubjects, PriorityLevelConfigurationSpec, SubjectFlowcontrolV1 as Subject } from '../generated/types.ts'

export const flowControlGroup = 'flowcontrol.apiserver.k8s.io'

export const groupSubject = (name: string): Subject => ({ kind: 'Group', group: { name } })

/** Everything that these subjects ask for. */
export const anythingFrom = (...subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
})

/** Whoever asks is in one of these. */
export const everybody: readonly Subject[] = [groupSubject('system:unauthenticated'), groupSubject('system:authenticated')]

/** Those that every cluster has, whatever anybody wishes: their specs are fixed. */
export const mandatoryFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  exempt: { matchingPrecedence: 1, priorityLevelConfiguration: { name: 'exempt' }, rules: [anythingFrom(groupSubject('system:masters'))] },
  'catch-all': {
    matchingPrecedence: 10_000, priorityLevelConfiguration: { name: 'catch-all' }, distinguisherMethod: { type: 'ByUser' },
    rules: [anythingFrom(...everybody)],
  },
}

/** Of `exempt`, what it reserves and lends may be changed. */
export const mandatoryPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': { type: 'Limited', limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } } },
}
