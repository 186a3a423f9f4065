import { showDuration } from '../columns.ts'
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts'
import type { Column } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import { jsonPath } from './json-path.ts'

const nameColumn: Column<KubeObject> = {
  name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name,
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
}

const onlyAge: readonly CustomResourceColumnDefinition[] = [{
  name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp',
  description: 'CustomResourceDefinition is not served with printer columns of its own, so the age is shown.',
}]

/** The name, and what the version asks for; the age when it asks for nothing. */
export function columnsOf({ additionalPrinterColumns: own }: CustomResourceDefinitionVersion): Array<Column<KubeObject>> {
  return [nameColumn, ...(own?.length ? own : onlyAge).map(columnOf)]
}

function columnOf({ name, type, description, priority, jsonPath: path, format }: CustomResourceColumnDefinition): Column<KubeObject> {
  const find = jsonPath(path)
  return {
    name, priority,
    type: type === 'integer' || type === 'number' || type === 'boolean' ? type : 'string',
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${path}`,
    cell: (object, now) => {
      const found = find(object)
      return found.length === 0 ? null : cellOf(type, found, now)
    },
  }
}

function cellOf(type: string, found: readonly unknown[], now: number): string | number | boolean | null {
  const [value] = found
  switch (type) {
    case 'string':
      return found.map(text).join(' ')
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date': {
      const at = typeof value === 'string' ? Date.parse(value) : NaN
      return Number.isNaN(at) ? '<invalid>' : showDuration(now - at)
    }
    default:
      return null
  }
}

const text = (value: unknown): string => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value === null ? '<nil>' : String(value))
