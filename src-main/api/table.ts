import { age as ageColumn, since } from '../kinds/columns.ts'
import type { AnyKind, Column } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { Encoded } from './verbs.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
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

const definitionOf = ({ name, type, format = '', description = '', priority = 0 }: Column<KubeObject>) => ({
  name,
  type: type === 'date' ? 'string' : type,
  format: name === 'Name' ? 'name' : format,
  description,
  priority,
})

export interface TableOptions {
  readonly includeObject: IncludeObject
  readonly now: number
  /** Only the first table of a watch says what its columns are. */
  readonly definitions?: boolean
}

/** A meta.k8s.io/v1 Table as JSON; whole objects are joined in the form they were stored in. */
export function tableJson(kind: AnyKind, items: readonly Encoded[], metadata: object, options: TableOptions): Buffer {
  const columns = columnsOf(kind)
  const definitions = options.definitions === false ? [] : columns.map(definitionOf)
  const head = JSON.stringify({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: definitions })
  const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"rows":[`)]
  items.forEach(({ object, bytes }, index) => {
    const cells = columns.map((column) => cellOf(column, object, options.now))
    parts.push(Buffer.from(`${index === 0 ? '' : ','}{"cells":${JSON.stringify(cells)},"object":`))
    parts.push(rowObject(object, bytes, options.includeObject), closing)
  })
  parts.push(Buffer.from(']}\n'))
  return Buffer.concat(parts)
}

const closing = Buffer.from('}')

function cellOf(column: Column<KubeObject>, object: KubeObject, now: number): string | number | boolean | null {
  const value = column.cell(object, now)
  if (value === null) return null
  if (column.type === 'date') return since(value === undefined ? undefined : String(value), now)
  return value ?? (column.type === 'integer' ? 0 : '<none>')
}

function rowObject(object: KubeObject, bytes: Buffer, include: IncludeObject): Buffer {
  if (include === 'Object') return bytes
  return include === 'None' ? Buffer.from('null') : Buffer.from(JSON.stringify(partialObject(object)))
}

/** meta.k8s.io/v1 PartialObjectMetadata: an object without its content. */
export const partialObject = ({ metadata }: KubeObject) => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata })
