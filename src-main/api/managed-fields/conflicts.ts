import { applyConflict, type StatusError } from '../../kinds/status-error.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'

/** A field that somebody else owns with another value. */
export interface Conflict {
  readonly manager: string
  readonly operation: string
  readonly apiVersion: string
  readonly subresource?: string
  /** `.spec.replicas` */
  readonly field: string
}

export const conflictOf = (
  { manager = '', operation = '', apiVersion = '', subresource }: ManagedFieldsEntry,
  field: string,
): Conflict => ({
  manager,
  operation,
  apiVersion,
  ...(subresource ? { subresource } : {}),
  field,
})

function who({ manager, operation, apiVersion, subresource }: Conflict): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '')
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}

/** Kubernetes' sentence about conflicts, which are grouped by manager already. */
export function conflictMessage(conflicts: readonly Conflict[]): string {
  const [only] = conflicts
  if (only && conflicts.length === 1) return `Apply failed with 1 conflict: conflict with ${who(only)}: ${only.field}`
  const lines = conflicts.flatMap((conflict, i) => {
    const before = conflicts[i - 1]
    const heading = before && who(before) === who(conflict) ? [] : [`conflicts with ${who(conflict)}:`]
    return [...heading, `- ${conflict.field}`]
  })
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

/** The 409 that kubectl explains to its user. */
export const conflictError = (conflicts: readonly Conflict[]): StatusError =>
  applyConflict(
    conflictMessage(conflicts),
    conflicts.map((conflict) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${who(conflict)}`,
      field: conflict.field,
    })),
  )
