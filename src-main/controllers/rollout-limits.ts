import type { Deployment } from '../kinds/apps/deployment.ts'

/** `25%` of `total`, or a plain number. */
const resolve = (value: number | string | undefined, total: number, round: (n: number) => number): number =>
  typeof value === 'string' ? round((Number(value.replace('%', '')) * total) / 100) : (value ?? 0)

export const isRolling = ({ spec }: Deployment): boolean => spec?.strategy?.type !== 'Recreate'

export const wished = ({ spec }: Deployment): number => spec?.replicas ?? 1

/** Pods over the wished number that a rollout may make for a while. */
export const maxSurge = (deployment: Deployment): number =>
  isRolling(deployment) ? resolve(deployment.spec?.strategy?.rollingUpdate?.maxSurge, wished(deployment), Math.ceil) : 0

/** Pods under the wished number that a rollout may leave for a while. Never both 0: a rollout must be able to move. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = wished(deployment)
  if (!isRolling(deployment) || replicas === 0) return 0
  const allowed = resolve(deployment.spec?.strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor)
  return Math.min(allowed === 0 && maxSurge(deployment) === 0 ? 1 : allowed, replicas)
}
