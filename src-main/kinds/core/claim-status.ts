import { parseQuantity } from '../../base/quantity.ts'
import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeClaimStatus } from '../generated/types.ts'
import { isQualifiedName } from '../validation.ts'

const resizing = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending'].sort()

/** What the status of a claim may not say: ValidatePersistentVolumeClaimStatusUpdate of core validation. */
export function checkClaimStatus(status: PersistentVolumeClaimStatus | undefined, at: FieldPath): FieldError[] {
  const states = at.child('allocatedResourceStatuses')
  const allocated = at.child('allocatedResources')
  return [
    ...Object.entries(status?.capacity ?? {}).flatMap(([name, size]) => checkSize(size, at.child('capacity').key(name))),
    ...Object.entries(status?.allocatedResourceStatuses ?? {}).flatMap(([name, state]) => [
      ...checkName(name, states),
      ...(resizing.includes(state) ? [] : [states.notSupported(name, resizing)]),
    ]),
    ...Object.entries(status?.allocatedResources ?? {}).flatMap(([name, size]) => {
      const wrong = checkName(name, allocated)
      return wrong.length > 0 ? wrong : checkSize(size, allocated.key(name))
    }),
  ]
}

function checkSize(size: string, at: FieldPath): FieldError[] {
  const amount = parseQuantity(size) ?? 0
  return amount < 0 ? [at.invalid(Math.ceil(amount), 'must be a valid resource quantity')] : []
}

/** Of Kubernetes' own resources a claim has only one. */
function checkName(name: string, at: FieldPath): FieldError[] {
  const wrong = isQualifiedName(name)
  if (wrong.length > 0) return say(at, name, wrong)
  return name === 'storage' || (name.includes('/') && !name.includes('kubernetes.io/')) ? [] : [at.notSupported(name, ['storage'])]
}
