import type { FlowSchemaSpec, PolicyRulesWithSubjects, PriorityLevelConfigurationSpec, ResourcePolicyRule, SubjectFlowcontrolV1 as Subject } from '../../kinds/generated/types.ts'
import { anythingFrom, everybody, groupSubject } from '../../kinds/flowcontrol/mandatory.ts'

/** Shares, percentage that others may borrow, queues: a level that lets requests wait. All figures are those of Kubernetes' bootstrap/default.go. */
const queued = (nominalConcurrencyShares: number, lendablePercent: number, queues: number, handSize: number): PriorityLevelConfigurationSpec => ({
  type: 'Limited',
  limited: { nominalConcurrencyShares, lendablePercent, limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } } },
})

export const suggestedPriorityLevels: Readonly<Record<string, PriorityLevelConfigurationSpec>> = {
  system: queued(30, 33, 64, 6),
  'node-high': queued(40, 25, 64, 6),
  'leader-election': queued(10, 0, 16, 4),
  'workload-high': queued(40, 50, 128, 6),
  'workload-low': queued(100, 90, 128, 6),
  'global-default': queued(20, 50, 128, 6),
}

const nodes = groupSubject('system:nodes')
const userSubject = (name: string): Subject => ({ kind: 'User', user: { name } })
const systemAccount = (name: string): Subject => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } })
const manager = userSubject('system:kube-controller-manager')
const scheduler = userSubject('system:kube-scheduler')

const on = (verbs: string[], apiGroup: string, resources: string[], clusterScope = false): ResourcePolicyRule => ({
  verbs, apiGroups: [apiGroup], resources, namespaces: ['*'], ...(clusterScope ? { clusterScope } : {}),
})
const locks = on(['get', 'create', 'update'], 'coordination.k8s.io', ['leases'])

const schema = (level: string, matchingPrecedence: number, by: 'ByUser' | 'ByNamespace' | undefined, rules: PolicyRulesWithSubjects): FlowSchemaSpec => ({
  matchingPrecedence, priorityLevelConfiguration: { name: level }, ...(by ? { distinguisherMethod: { type: by } } : {}), rules: [rules],
})

export const suggestedFlowSchemas: Readonly<Record<string, FlowSchemaSpec>> = {
  probes: schema('exempt', 2, undefined, { subjects: [...everybody], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }),
  'system-leader-election': schema('leader-election', 100, 'ByUser', { subjects: [manager, scheduler, systemAccount('*')], resourceRules: [locks] }),
  'endpoint-controller': schema('workload-high', 150, 'ByUser', {
    subjects: [manager, systemAccount('endpoint-controller'), systemAccount('endpointslicemirroring-controller')],
    resourceRules: [on(['get', 'create', 'update'], '', ['endpoints'])],
  }),
  'workload-leader-election': schema('leader-election', 200, 'ByUser', { subjects: [systemAccount('*')], resourceRules: [locks] }),
  'system-node-high': schema('node-high', 400, 'ByUser', {
    subjects: [nodes], resourceRules: [on(['*'], '', ['nodes', 'nodes/status'], true), on(['*'], 'coordination.k8s.io', ['leases'])],
  }),
  'system-nodes': schema('system', 500, 'ByUser', anythingFrom(nodes)),
  'kube-controller-manager': schema('workload-high', 800, 'ByNamespace', anythingFrom(manager)),
  'kube-scheduler': schema('workload-high', 800, 'ByNamespace', anythingFrom(scheduler)),
  'kube-system-service-accounts': schema('workload-high', 900, 'ByNamespace', anythingFrom(systemAccount('*'))),
  'service-accounts': schema('workload-low', 9000, 'ByUser', anythingFrom(groupSubject('system:serviceaccounts'))),
  'global-default': schema('global-default', 9900, 'ByUser', anythingFrom(...everybody)),
}
