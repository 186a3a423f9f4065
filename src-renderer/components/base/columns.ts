export interface Column<T> {
  id: string
  title: string
  /** What it sorts by, and shows when no slot does. */
  value?: (row: T) => string | number | undefined
  /** CSS width; the columns without share what is left. */
  width?: string
  /** Shown only where the table is at least this wide, in pixels. */
  from?: number
  /** Order of its own; negative puts `a` first. */
  compare?: (a: T, b: T) => number
  right?: boolean
  mono?: boolean
}

export interface Sort {
  column: string
  down: boolean
}

const natural = new Intl.Collator('en', { numeric: true })

/** The rows by one column, equal ones by name; by namespace and name when no column is chosen. */
export function sortRows<T extends { metadata: { name?: string; namespace?: string } }>(rows: readonly T[], columns: ReadonlyArray<Column<T>>, sort: Sort): T[] {
  const column = columns.find((c) => c.id === sort.column)
  const value = column?.value
  const names = (a: T, b: T) => natural.compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || natural.compare(a.metadata.name ?? '', b.metadata.name ?? '')
  if (!value) return [...rows].sort(names)
  const sign = sort.down ? -1 : 1
  const by = column.compare ?? ((a: T, b: T) => compare(value(a), value(b)))
  return [...rows].sort((a, b) => sign * by(a, b) || names(a, b))
}

const compare = (a: string | number | undefined, b: string | number | undefined): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : natural.compare(String(a ?? ''), String(b ?? ''))
