import { age as ageColumn, since } from '../kinds/columns.ts'
import type { AnyKind, Column } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { Encoded } from './verbs.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  of: 'metadata.name',
  cell: (object) => object.metadata.name ?? '',
}

/**
 * A kind's columns as kubectl shows them: the name first, the age behind the last column that always shows. A kind
 * whose columns bring their own Name or Age (an Event, a Node) has its own order.
 */
export function columnsOf(kind: AnyKind): ReadonlyArray<Column<KubeObject>> {
  const own: ReadonlyArray<Column<KubeObject>> = kind.columns ?? []
  const brings = (name: string) => own.some((column) => column.name === name)
  if (brings('Name')) return own
  if (brings('Age')) return [nameColumn, ...own]
  const wide = own.findIndex((column) => (column.priority ?? 0) > 0)
  const always = wide < 0 ? own.length : wide
  return [nameColumn, ...own.slice(0, always), ageColumn, ...own.slice(always)]
}

const definitionOf = ({ name, type, format = '', time = false, priority = 0 }: Column<KubeObject>, description = '') => ({
  name,
  type: type === 'date' && !time ? 'string' : type,
  format: name === 'Name' ? 'name' : format,
  description,
  priority,
})

export interface TableOptions {
  readonly includeObject: IncludeObject
  readonly now: number
  /** Only the first table of a watch says what its columns are. */
  readonly definitions?: boolean
  /** Of the columns, in their order. */
  readonly descriptions?: readonly string[]
  /** Of the table; meta.k8s.io/v1 unless said. */
  readonly apiVersion?: string | undefined
}

const metaV1 = 'meta.k8s.io/v1'

/** A meta.k8s.io Table as JSON; whole objects are joined in the form they were stored in. */
export function tableJson(kind: AnyKind, items: readonly Encoded[], metadata: object, options: TableOptions): Buffer {
  const columns = columnsOf(kind)
  const definitions = options.definitions === false ? null : columns.map((column, i) => definitionOf(column, options.descriptions?.[i]))
  const head = JSON.stringify({ kind: 'Table', apiVersion: options.apiVersion ?? metaV1, metadata, columnDefinitions: definitions })
  const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"rows":[`)]
  items.forEach(({ object, bytes }, index) => {
    const cells = columns.map((column) => cellOf(column, object, options.now))
    const done = kind.completed?.(object)
    const conditions = done ? `"conditions":${JSON.stringify([{ type: 'Completed', status: 'True', ...done }])},` : ''
    parts.push(Buffer.from(`${index === 0 ? '' : ','}{"cells":${JSON.stringify(cells)},${conditions}"object":`))
    parts.push(rowObject(object, bytes, options), closing)
  })
  parts.push(Buffer.from(']}\n'))
  return Buffer.concat(parts)
}

const closing = Buffer.from('}')

function cellOf(column: Column<KubeObject>, object: KubeObject, now: number): string | number | bigint | boolean | null {
  const value = column.cell(object, now)
  if (value === null) return null
  if (column.type === 'date' && !column.time) return since(value === undefined ? undefined : String(value), now)
  return value ?? (column.type === 'integer' ? 0 : '<none>')
}

function rowObject(object: KubeObject, bytes: Buffer, { includeObject, apiVersion }: TableOptions): Buffer {
  if (includeObject === 'Object') return bytes
  return includeObject === 'None' ? Buffer.from('null') : Buffer.from(JSON.stringify(partialObject(object, apiVersion)))
}

/** meta.k8s.io PartialObjectMetadata: an object without its content. */
export const partialObject = ({ metadata }: { readonly metadata: object }, apiVersion = metaV1) => ({ kind: 'PartialObjectMetadata', apiVersion, metadata })
