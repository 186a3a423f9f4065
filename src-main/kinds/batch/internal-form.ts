import type { PodFailurePolicy, SuccessPolicy, UncountedTerminatedPods } from '../generated/types.ts'

/** Kubernetes' own types, as its sentences show them: with Go's names in Go's order, nothing left out. */

export const internalFailurePolicy = ({ rules }: PodFailurePolicy): object => ({
  Rules: rules?.map(({ action = '', onExitCodes, onPodConditions }) => ({
    Action: action,
    OnExitCodes: onExitCodes ? { ContainerName: onExitCodes.containerName ?? null, Operator: onExitCodes.operator ?? '', Values: onExitCodes.values ?? null } : null,
    OnPodConditions: onPodConditions?.map(({ type = '', status = '' }) => ({ Type: type, Status: status })) ?? null,
  })) ?? null,
})

export const internalSuccessPolicy = ({ rules }: SuccessPolicy): object => ({
  Rules: rules?.map(({ succeededIndexes = null, succeededCount = null }) => ({ SucceededIndexes: succeededIndexes, SucceededCount: succeededCount })) ?? null,
})

export const internalUncounted = ({ succeeded = null, failed = null }: Partial<Record<keyof UncountedTerminatedPods, readonly string[] | null>>): object =>
  ({ Succeeded: succeeded, Failed: failed })
