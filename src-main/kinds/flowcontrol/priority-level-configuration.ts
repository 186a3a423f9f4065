import { each, unique } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { LimitedPriorityLevelConfiguration, LimitResponse, PriorityLevelConfiguration, PriorityLevelConfigurationSpec, QueuingConfiguration } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { internalPriorityLevel } from './internal-form.ts'
import { flowControlGroup, mandatoryPriorityLevels } from './mandatory.ts'

export type { PriorityLevelConfiguration }

const maxQueues = 10_000_000
/** shufflesharding.MaxHashBits of Kubernetes: what a hash can choose between. */
const maxHashBits = 60

/** Means something only on the way to and from v1beta3. */
const keepsZero = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'

const queuingOf = ({ spec }: PriorityLevelConfiguration) => spec?.limited?.limitResponse?.queuing

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  group: flowControlGroup, version: 'v1', kind: 'PriorityLevelConfiguration', plural: 'prioritylevelconfigurations',
  namespaced: false,
  schema: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  status: true,
  statusKeeps: 'all',
  generation: true,
  default: (object) => {
    const { exempt, limited } = object.spec ?? {}
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0
      exempt.lendablePercent ??= 0
    }
    if (limited) {
      limited.nominalConcurrencyShares ??= 30
      limited.lendablePercent ??= 0
    }
    const queuing = queuingOf(object)
    if (!queuing) return
    queuing.handSize ||= 8
    queuing.queues ||= 64
    queuing.queueLengthLimit ||= 50
  },
  ownRules: true,
  validate: ({ metadata: { name = '', annotations = {} }, spec = { type: '' }, status }, at) => {
    const conditions = at.child('status', 'conditions')
    return [
      ...(Object.hasOwn(annotations, keepsZero) ? [at.child('metadata', 'annotations').forbidden(`annotation '${keepsZero}' is forbidden`)] : []),
      ...checkSpec(name, spec, at.child('spec')),
      ...checkFixed(name, spec, at.child('spec')),
      ...unique(status?.conditions, ({ type }) => type, (i) => conditions.child(i, 'type')),
      ...each(status?.conditions, conditions, ({ type }, here) => (type ? [] : [here.child('type').required('must not be empty')])),
    ]
  },
  columns: [
    { name: 'Type', type: 'string', of: 'spec.type', cell: ({ spec }) => spec?.type },
    { name: 'NominalConcurrencyShares', type: 'string', of: 'spec.limited.nominalConcurrencyShares', cell: ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>' },
    { name: 'Queues', type: 'string', of: 'spec.limited.limitResponse.queuing.queues', cell: (level) => queuingOf(level)?.queues ?? '<none>' },
    { name: 'HandSize', type: 'string', of: 'spec.limited.limitResponse.queuing.handSize', cell: (level) => queuingOf(level)?.handSize ?? '<none>' },
    { name: 'QueueLengthLimit', type: 'string', of: 'spec.limited.limitResponse.queuing.queueLengthLimit', cell: (level) => queuingOf(level)?.queueLengthLimit ?? '<none>' },
    age,
  ],
})

function checkSpec(name: string, { type = '', exempt, limited }: Partial<PriorityLevelConfigurationSpec>, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if ((name === 'exempt') !== (type === 'Exempt')) errors.push(at.child('type').invalid(type, "type must be 'Exempt' if and only if name is 'exempt'"))
  if (type === 'Exempt') {
    if (limited) errors.push(at.child('limited').forbidden('must be nil if the type is not Limited'))
    if (exempt) errors.push(...checkNominal(exempt, at.child('exempt')), ...checkLent(exempt, at.child('exempt')))
  } else if (type === 'Limited') {
    if (exempt) errors.push(at.child('exempt').forbidden('must be nil if the type is Limited'))
    if (limited) errors.push(...checkLimited(limited, at.child('limited')))
    else errors.push(at.child('limited').required('must not be empty when type is Limited'))
  } else errors.push(at.child('type').notSupported(type, ['Exempt', 'Limited']))
  return errors
}

type Shares = Pick<LimitedPriorityLevelConfiguration, 'nominalConcurrencyShares' | 'lendablePercent'>

const checkNominal = ({ nominalConcurrencyShares: shares = 0 }: Shares, at: FieldPath): FieldError[] =>
  shares < 0 ? [at.child('nominalConcurrencyShares').invalid(shares, 'must be a non-negative integer')] : []

const checkLent = ({ lendablePercent: lent = 0 }: Shares, at: FieldPath): FieldError[] =>
  lent < 0 || lent > 100 ? [at.child('lendablePercent').invalid(lent, 'must be between 0 and 100, inclusive')] : []

function checkLimited(limited: LimitedPriorityLevelConfiguration, at: FieldPath): FieldError[] {
  const { borrowingLimitPercent: borrowed = 0, limitResponse = { type: '' } } = limited
  return [
    ...checkNominal(limited, at),
    ...checkResponse(limitResponse, at.child('limitResponse')),
    ...checkLent(limited, at),
    ...(borrowed < 0 ? [at.child('borrowingLimitPercent').invalid(borrowed, 'if specified, must be a non-negative integer')] : []),
  ]
}

function checkResponse({ type = '', queuing }: Partial<LimitResponse>, at: FieldPath): FieldError[] {
  if (type === 'Reject') return queuing ? [at.child('queuing').forbidden('must be nil if limited.limitResponse.type is not Limited')] : []
  if (type !== 'Queue') return [at.child('type').notSupported(type, ['Queue', 'Reject'])]
  return queuing ? checkQueuing(queuing, at.child('queuing')) : [at.child('queuing').required('must not be empty if limited.limitResponse.type is Limited')]
}

function checkQueuing({ queues = 0, handSize = 0, queueLengthLimit: length = 0 }: QueuingConfiguration, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (length <= 0) errors.push(at.child('queueLengthLimit').invalid(length, 'must be positive'))
  if (queues <= 0) errors.push(at.child('queues').invalid(queues, 'must be positive'))
  else if (queues > maxQueues) errors.push(at.child('queues').invalid(queues, `must not be greater than ${maxQueues}`))
  const hand = at.child('handSize')
  const bits = Math.ceil(Math.log2(queues) * handSize)
  if (handSize <= 0) errors.push(hand.invalid(handSize, 'must be positive'))
  else if (handSize > queues) errors.push(hand.invalid(handSize, `should not be greater than queues (${queues})`))
  else if (bits > maxHashBits) errors.push(hand.invalid(handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`))
  return errors
}

function checkFixed(name: string, spec: PriorityLevelConfigurationSpec, at: FieldPath): FieldError[] {
  const fixed = lookup(mandatoryPriorityLevels, name)
  if (!fixed) return []
  const own = ({ exempt: _exempt, ...rest }: PriorityLevelConfigurationSpec) => rest
  if (name === 'exempt') return sameValue(own(fixed), own(spec)) ? [] : [at.invalid(internalPriorityLevel(spec), `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`)]
  return sameValue(fixed, spec) ? [] : [at.invalid(internalPriorityLevel(spec), `spec of '${name}' must equal the fixed value`)]
}
