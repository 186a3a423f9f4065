import { each } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CSIDriver, CSIDriverSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { CSIDriver }

export const csiDriver = defineKind<CSIDriver>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', plural: 'csidrivers',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  conditionalUpdate: true,
  generation: 'later',
  ownRules: true,
  default: (object) => {
    const spec = (object.spec ??= {})
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  prepareCreate: dropScaling,
  prepareUpdate: dropScaling,
  validate: ({ spec }, at) => checkSpec(spec, at.child('spec')),
  validateUpdate: ({ spec }, { spec: old }, at) => [
    // Kubernetes' own spelling of the path
    ...(spec.attachRequired === old.attachRequired ? [] : [at.child('spec', 'attachedRequired').immutable(spec.attachRequired)]),
    ...(sameValue(spec.volumeLifecycleModes, old.volumeLifecycleModes) ? [] : [at.child('spec', 'volumeLifecycleModes').immutable(spec.volumeLifecycleModes)]),
  ],
  columns: [
    { name: 'AttachRequired', type: 'boolean', of: 'spec.attachRequired', cell: ({ spec }) => spec?.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', of: 'spec.podInfoOnMount', cell: ({ spec }) => spec?.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', of: 'spec.storageCapacity', cell: ({ spec }) => spec?.storageCapacity ?? false },
    { name: 'TokenRequests', type: 'string', of: 'spec.tokenRequests', cell: ({ spec }) => spec?.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>' },
    { name: 'RequiresRepublish', type: 'boolean', of: 'spec.requiresRepublish', cell: ({ spec }) => spec?.requiresRepublish ?? false },
    { name: 'Modes', type: 'string', of: 'spec.volumeLifecycleModes', cell: ({ spec }) => spec?.volumeLifecycleModes?.join(',') || '<none>' },
    age,
  ],
})

/** What counts only with VolumeLimitScaling, which is off in Kubernetes too. */
function dropScaling({ spec }: CSIDriver): void {
  delete spec.preventPodSchedulingIfMissing
}

const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
const modes = ['Persistent', 'Ephemeral']
/** Seconds a token for a driver may live: validateTokenRequests of storage validation. */
const tokenSeconds = { min: 600, max: 2 ** 32 }

function checkSpec(spec: CSIDriverSpec, at: FieldPath): FieldError[] {
  const { fsGroupPolicy = '', nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets, tokenRequests = [] } = spec
  const errors = policies.includes(fsGroupPolicy) ? [] : [at.child('fsGroupPolicy').notSupported(fsGroupPolicy, policies)]
  errors.push(...checkTokens(tokenRequests, at.child('tokenRequests')))
  for (const mode of spec.volumeLifecycleModes ?? []) if (!modes.includes(mode)) errors.push(at.child('volumeLifecycleModes').notSupported(mode, modes))
  if (period !== undefined && period < 10) errors.push(at.child('nodeAllocatableUpdatePeriodSeconds').invalid(period, 'must be greater than or equal to 10 seconds'))
  if (inSecrets !== undefined && tokenRequests.length === 0) {
    errors.push(at.child('serviceAccountTokenInSecrets').invalid(inSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'))
  }
  return errors
}

function checkTokens(requests: NonNullable<CSIDriverSpec['tokenRequests']>, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(requests, at, ({ audience = '', expirationSeconds }, here) => {
    if (seen.has(audience)) return [here.child('audience').duplicate(audience)]
    seen.add(audience)
    const expiration = here.child('expirationSeconds')
    if (expirationSeconds === undefined) return []
    if (expirationSeconds < tokenSeconds.min) return [expiration.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes')]
    return expirationSeconds > tokenSeconds.max ? [expiration.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')] : []
  })
}
