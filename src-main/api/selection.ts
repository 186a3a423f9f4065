import { matches, type Labels, type Selector } from '../base/selector.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { badRequest } from '../kinds/status-error.ts'
import type { ReadOptions } from './verbs.ts'

/** Whether an object is meant; undefined selects everything. */
export type Selection = ((object: KubeObject) => boolean) | undefined

/** @throws StatusError 400 when a field cannot be selected by */
export function selectionOf(kind: AnyKind, { labelSelector = [], fieldSelector = [] }: ReadOptions): Selection {
  const fields = fieldReaders(kind, fieldSelector)
  if (labelSelector.length === 0 && fields.length === 0) return undefined
  return (object) =>
    (labelSelector.length === 0 || matches(labelSelector, object.metadata.labels)) &&
    fields.every(({ equal, value, read }) => (read(object) === value) === equal)
}

interface FieldReader {
  readonly equal: boolean
  readonly value: string
  read(object: KubeObject): string
}

function fieldReaders(kind: AnyKind, selector: Selector): FieldReader[] {
  return selector.map(({ key, operator, values }) => {
    const read = readerOf(kind, key)
    if (!read) throw badRequest(unsupported(kind, key))
    return { equal: operator === '=', value: values[0] ?? '', read }
  })
}

function readerOf(kind: AnyKind, field: string): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? ''
  // kinds without fields of their own take it in any scope
  if (field === 'metadata.namespace' && (kind.namespaced || !knowsFields(kind))) return (object) => object.metadata.namespace ?? ''
  const fields = kind.selectableFields
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined
}

/** Whether the kind itself says what can be selected by: custom ones always do. */
const knowsFields = ({ selectableFields, custom }: AnyKind): boolean => selectableFields !== undefined || custom !== undefined

function unsupported(kind: AnyKind, field: string): string {
  if (!knowsFields(kind)) return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
  return kind.group === 'batch' ? `field label ${JSON.stringify(field)} not supported for batchv1.${kind.kind}` : `field label not supported: ${field}`
}

/** `a=b,c in (d,e)`, as metav1.FormatLabelSelector and labels.Selector write it: in the order of the keys. */
export function formatSelector(selector: Selector): string {
  const parts = selector.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ key, operator, values }) => {
    switch (operator) {
      case '=':
      case '!=':
      case '>':
      case '<':
        return `${key}${operator}${values[0] ?? ''}`
      case 'in':
      case 'notin':
        return `${key} ${operator} (${[...values].sort().join(',')})`
      case 'exists':
        return key
      case '!':
        return `!${key}`
    }
  })
  return parts.join(',')
}

/** The selector of a plain map, as a Service or a ReplicationController has it. */
export const mapSelector = (labels: Labels): Selector =>
  Object.entries(labels).map(([key, value]) => ({ key, operator: '=' as const, values: [value] }))
