import { describe, expect, it } from 'vitest'
import { columnDescriptions } from '../../src-main/api/column-docs.ts'
import { columnsOf, tableJson } from '../../src-main/api/table.ts'
import { daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { horizontalPodAutoscalerV1 } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler-v1.ts'
import { cronJob } from '../../src-main/kinds/batch/cron-job.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import { certificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { podTemplate } from '../../src-main/kinds/core/pod-template.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'

const now = Date.parse('2026-01-01T01:00:00Z')

describe('a table', () => {
  it('describes its columns as Kubernetes documents the fields they show', async () => {
    const descriptions = await columnDescriptions(service, columnsOf(service))
    expect(descriptions.map((words) => words.split(' ').slice(0, 4).join(' '))).toEqual([
      'Name must be unique', 'type determines how the', 'clusterIP is the IP', 'externalIPs is a list', 'The list of ports',
      'CreationTimestamp is a timestamp', 'Route service traffic to',
    ])
  })

  it.each([
    csiDriver, deployment, replicaSet, daemonSet, statefulSet, replicationController, job, cronJob, pod, podTemplate, certificateSigningRequest,
  ])('leaves no column of a $kind without words', async (kind) => {
    const columns = columnsOf(kind)
    const words = await columnDescriptions(kind, columns)
    expect(columns.filter((_, i) => (words[i] ?? '').length < 15).map(({ name }) => name)).toEqual([])
  })

  it.each<{ kind: AnyKind; column: string; words: string }>([
    { kind: deployment, column: 'Selector', words: 'Label selector for pods.' },
    { kind: cronJob, column: 'Selector', words: 'A label query over pods' },
    { kind: horizontalPodAutoscalerV1, column: 'Targets', words: 'metrics contains the specifications' },
    { kind: storageClass, column: 'ReclaimPolicy', words: 'reclaimPolicy controls the reclaimPolicy' },
  ])('takes the words of a column from its field in the kept version, without the values it may have: $kind.kind', async ({ kind, column, words }) => {
    const columns = columnsOf(kind)
    const told = (await columnDescriptions(kind, columns))[columns.findIndex(({ name }) => name === column)]
    expect(told).toContain(words)
    expect(told).not.toContain('enum')
  })

  it("has the types of Kubernetes' printers, also where they are odd: a Deployment's counts are strings", () => {
    const typesOf = (kind: AnyKind) => Object.fromEntries(columnsOf(kind).map(({ name, type }) => [name, type]))
    expect(typesOf(deployment)).toMatchObject({ Ready: 'string', 'Up-to-date': 'string', Available: 'string' })
    expect(typesOf(cronJob)).toMatchObject({ Suspend: 'boolean', Active: 'integer' })
  })

  it('shows an object of any kind that has nothing in it, as the bookmark of a watch is', () => {
    for (const kind of kinds) {
      const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { resourceVersion: '1' } }
      const table = JSON.parse(tableJson(kind, [{ object: object as KubeObject, bytes: Buffer.from('{}') }], {}, { includeObject: 'Metadata', now }).toString()) as { rows: Array<{ cells: unknown[]; object: object }> }
      expect(table.rows, kind.kind).toMatchObject([{ object: { metadata: { resourceVersion: '1' } } }])
      expect(table.rows[0]?.cells, kind.kind).toHaveLength(columnsOf(kind).length)
    }
  })

  it('shows when a Role was made as a time, and its type as a date', () => {
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }
    const table = JSON.parse(tableJson(role, [{ object, bytes: Buffer.from('{}') }], {}, { includeObject: 'None', now }).toString()) as {
      columnDefinitions: Array<{ name: string; type: string }>; rows: Array<{ cells: unknown[] }>
    }
    expect(table.columnDefinitions[1]).toMatchObject({ name: 'Created At', type: 'date' })
    expect(table.rows[0]?.cells).toEqual(['a', '2026-01-01T00:00:00Z'])
  })

  it('marks the pods that are done', () => {
    const items = ['Running', 'Succeeded', 'Failed'].map((phase) => ({ object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { phase } }, bytes: Buffer.from('{}') }))
    const { rows } = JSON.parse(tableJson(pod, items, {}, { includeObject: 'None', now }).toString()) as { rows: Array<{ conditions?: unknown }> }
    expect(rows.map(({ conditions }) => conditions)).toEqual([
      undefined,
      [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }],
      [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }],
    ])
  })
})
