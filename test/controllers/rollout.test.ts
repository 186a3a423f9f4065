import { describe, expect, it } from 'vitest'
import { timestamp } from '../../src-main/base/clock.ts'
import type { Deployment } from '../../src-main/kinds/apps/deployment.ts'
import type { ReplicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { planRollout } from '../../src-main/controllers/rollout-plan.ts'
import { templateHash } from '../../src-main/controllers/template-hash.ts'
import { yamlCases } from '../fixtures/yaml-cases.ts'

interface ShortSet {
  image: string
  /** Of the spec; `current` and `available` of the status are the same unless said. */
  replicas: number
  current?: number
  available?: number
  revision?: number
  desired?: number
  max?: number
  ageMinutes?: number
}

interface Given {
  deployment: { image: string } & Partial<Deployment['spec']> & { status?: Deployment['status']; deleting?: boolean }
  sets: Record<string, ShortSet>
  oldPodsRun?: boolean
}

const now = Date.parse('2026-01-01T12:00:00Z')
const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
})

function deploymentOf({ image, status, deleting, ...spec }: Given['deployment']): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'd',
      generation: 2,
      ...(deleting ? { deletionTimestamp: timestamp(now) } : {}),
    },
    spec: {
      replicas: 10,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { app: 'web' } },
      template: template(image),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      ...spec,
    },
    status,
  }
}

const setOf = (name: string, set: ShortSet): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name,
    namespace: 'default',
    generation: 1,
    creationTimestamp: timestamp(now - (set.ageMinutes ?? 0) * 60_000),
    annotations: {
      'deployment.kubernetes.io/revision': String(set.revision ?? 1),
      'deployment.kubernetes.io/desired-replicas': String(set.desired ?? 10),
      'deployment.kubernetes.io/max-replicas': String(set.max ?? 13),
    },
  },
  spec: {
    replicas: set.replicas,
    selector: {},
    template: { ...template(set.image), metadata: { labels: { app: 'web', 'pod-template-hash': name } } },
  },
  status: {
    replicas: set.current ?? set.replicas,
    readyReplicas: set.available ?? set.replicas,
    availableReplicas: set.available ?? set.replicas,
    observedGeneration: 1,
  },
})

const short = ({ metadata, spec }: ReplicaSet) => ({
  replicas: spec?.replicas,
  revision: metadata.annotations?.['deployment.kubernetes.io/revision'],
  desired: metadata.annotations?.['deployment.kubernetes.io/desired-replicas'],
})

function run({ deployment, sets, oldPodsRun = false }: Given) {
  const plan = planRollout(
    deploymentOf(deployment),
    Object.entries(sets).map(([name, set]) => setOf(name, set)),
    () => oldPodsRun,
    now,
  )
  const conditions = Object.fromEntries(
    (plan.status.conditions ?? []).map(({ type, status, reason, message }) => [
      type,
      `${status} ${reason}: ${message}`,
    ]),
  )
  return {
    ...(plan.create ? { create: short(plan.create) } : {}),
    ...(plan.update.length > 0
      ? { update: Object.fromEntries(plan.update.map((set) => [set.metadata.name, short(set)])) }
      : {}),
    ...(plan.remove.length > 0 ? { remove: plan.remove.map(({ metadata }) => metadata.name) } : {}),
    ...(plan.revision ? { revision: plan.revision } : {}),
    status: { ...plan.status, conditions },
    scalings: plan.scalings.map((message) => message.replace(plan.create?.metadata.name ?? '?', 'NEW')),
    ...(plan.afterMs === undefined ? {} : { afterMs: plan.afterMs }),
  }
}

describe('the plan of a Deployment', () => {
  it.each(yamlCases<Given>('controllers/rollout'))('$name', ({ input, expected }) => {
    expect(run(input)).toEqual(expected)
  })

  it('names a set after its template, and otherwise when the name is taken', () => {
    const names = [
      templateHash(template('a')),
      templateHash(template('a')),
      templateHash(template('b')),
      templateHash(template('a'), 1),
    ]
    expect(names[0]).toBe(names[1])
    expect(new Set(names).size).toBe(3)
    expect(names.every((name) => /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/.test(name))).toBe(true)
  })
})
