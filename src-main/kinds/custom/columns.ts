import { goFloat, goInt64 } from '../../base/go-text.ts'
import { goTime } from '../../base/go-time.ts'
import { showDuration } from '../columns.ts'
import { goEscaped } from '../field-error.ts'
import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from '../generated/types.ts'
import type { Column } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import { BadPath, type Find, jsonPath } from './json-path.ts'
import { WholeLiteral } from './json-path-walk.ts'

const nameColumn: Column<KubeObject> = {
  name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name ?? '',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
}

const age: Column<KubeObject> = {
  ...columnOf({ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }),
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
}

/** The name, and what the version asks for up to the first path that cannot be read; the age when it asks for nothing. */
export function columnsOf({ additionalPrinterColumns: own }: CustomResourceDefinitionVersion): Array<Column<KubeObject>> {
  if (!own?.length) return [nameColumn, age]
  const columns = [nameColumn]
  for (const column of own) {
    const find = readable(column.jsonPath)
    if (!find) break
    columns.push(columnOf(column, find))
  }
  return columns
}

/** What the `/scale` of a custom resource shows. */
export const scaleColumns: ReadonlyArray<Column<KubeObject>> = [
  nameColumn,
  columnOf({ name: 'Desired', type: 'integer', description: 'Number of desired replicas', jsonPath: '.spec.replicas' }),
  columnOf({ name: 'Available', type: 'integer', description: 'Number of actual replicas', jsonPath: '.status.replicas' }),
  age,
]

function readable(path: string): Find | undefined {
  try {
    return jsonPath(path)
  } catch (error) {
    if (error instanceof BadPath) return undefined
    throw error
  }
}

function columnOf({ name, type, description, priority, jsonPath: path, format }: CustomResourceColumnDefinition, find = jsonPath(path)): Column<KubeObject> {
  return {
    name, priority,
    // the definition has been checked: it is one of these
    type: type as Column<KubeObject>['type'],
    // the cell is the age already, and yet the table says that it is a date
    ...(type === 'date' ? { time: true } : {}),
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${path}`,
    cell: (object, now) => {
      const found = find(object)
      return found.length === 0 ? null : cellOf(type, found, now)
    },
  }
}

function cellOf(type: string, found: readonly unknown[], now: number): string | number | bigint | boolean | null {
  const [value] = found
  switch (type) {
    case 'string':
      return text(value)
    case 'integer':
      return typeof value === 'number' ? wholeOf(value) : typeof value === 'bigint' ? value : null
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date': {
      if (typeof value !== 'string') return null
      if (value === '' || value === 'null') return '<unknown>'
      const at = goTime(value)
      return at === undefined ? '<invalid>' : showDuration(now - at)
    }
    default:
      return null
  }
}

function wholeOf(value: number): number | bigint {
  const whole = goInt64(value)
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}

function text(value: unknown): string {
  if (value instanceof WholeLiteral) return String(value.value)
  if (typeof value === 'number') return goFloat(value)
  if (typeof value !== 'object') return String(value)
  return value === null ? '<no value>' : goEscaped(JSON.stringify(value))
}
