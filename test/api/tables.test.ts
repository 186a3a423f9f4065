import { describe, expect, it } from 'vitest'
import { columnDescriptions } from '../../src-main/api/column-docs.ts'
import { columnsOf, tableJson } from '../../src-main/api/table.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'

const now = Date.parse('2026-01-01T01:00:00Z')

describe('a table', () => {
  it('describes its columns as Kubernetes documents the fields they show', async () => {
    const descriptions = await columnDescriptions(service, columnsOf(service))
    expect(descriptions.map((words) => words.split(' ').slice(0, 4).join(' '))).toEqual([
      'Name must be unique', 'type determines how the', 'clusterIP is the IP', 'externalIPs is a list', 'The list of ports',
      'CreationTimestamp is a timestamp', 'Route service traffic to',
    ])
  })

  it('leaves no column of a CSIDriver without words', async () => {
    expect((await columnDescriptions(csiDriver, columnsOf(csiDriver))).every((words) => words.length > 20)).toBe(true)
  })

  it('shows when a Role was made as a time, and its type as a date', () => {
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' } }
    const table = JSON.parse(tableJson(role, [{ object, bytes: Buffer.from('{}') }], {}, { includeObject: 'None', now }).toString()) as {
      columnDefinitions: Array<{ name: string; type: string }>; rows: Array<{ cells: unknown[] }>
    }
    expect(table.columnDefinitions[1]).toMatchObject({ name: 'Created At', type: 'date' })
    expect(table.rows[0]?.cells).toEqual(['a', '2026-01-01T00:00:00Z'])
  })
})
