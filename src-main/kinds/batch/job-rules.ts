import { labelSelector, matches } from '../../base/selector.ts'
import { checkSelector, nonNegative, oneOfIfAny, say } from '../checks.ts'
import { checkTemplate } from '../core/pod-spec.ts'
import { noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Job, JobSpec, PodTemplateSpec } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { checkFailurePolicy, checkSuccessPolicy } from './job-policies.ts'

/** Limits of Indexed Jobs: batch validation. */
const most = { parallelism: 100_000, failedIndexes: 100_000, completions: 100_000, highParallelism: 10_000, highFailedIndexes: 10_000, managedBy: 63 }

export function checkJob({ metadata, spec = {} as JobSpec }: Job, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const errors = [...checkGenerated(metadata, spec, at), ...checkJobSpec(spec, at)]
  errors.push(...(spec.selector ? checkSelector(spec.selector, at.child('selector')) : [at.child('selector').required()]))
  const labels = spec.template?.metadata?.labels
  if (!spec.selector || (checkSelector(spec.selector, at).length === 0 && !matches(labelSelector(spec.selector), labels ?? {}))) {
    errors.push(at.child('template', 'metadata', 'labels').invalid(labels ?? null, '`selector` does not match template `labels`'))
  }
  const { completionMode, completions = 0 } = spec
  if (completionMode !== 'Indexed' || completions <= 0) return errors
  const hostname = `${metadata.name}-${completions - 1}`
  if (isDNS1123Label(hostname).length === 0) return errors
  return [...errors, root.child('metadata', 'name').invalid(metadata.name ?? '', `will not able to create pod with invalid DNS label: ${hostname}`)]
}

/** Labels and selector of a Job that did not choose them are of its uid. */
function checkGenerated({ uid = '', name = '' }: Job['metadata'], { manualSelector, selector, template }: JobSpec, at: FieldPath): FieldError[] {
  if (manualSelector || !selector) return []
  const labels = { 'controller-uid': uid, 'job-name': name, 'batch.kubernetes.io/controller-uid': uid, 'batch.kubernetes.io/job-name': name }
  const metadata = at.child('template', 'metadata')
  const errors = Object.entries(labels).flatMap(([key, value]) => {
    const given = lookup(template?.metadata?.labels ?? {}, key)
    if (given === undefined) return [metadata.child('labels').key(key).required(`must be '${value}'`)]
    return given === value ? [] : [metadata.child('labels').key(key).invalid(template?.metadata?.labels, `must be '${value}'`)]
  })
  const isOwn = checkSelector(selector, at).length > 0 || matches(labelSelector(selector), labels)
  return isOwn ? errors : [...errors, at.child('selector').invalid(selector, '`selector` not auto-generated')]
}

const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const

/** Of a Job, or of a CronJob's template of one. */
export function checkJobSpec(spec: JobSpec, at: FieldPath): FieldError[] {
  const { managedBy, completionMode, podFailurePolicy, successPolicy, podReplacementPolicy, template = noTemplate() } = spec
  const errors = counts.flatMap((name) => nonNegative(spec[name], at.child(name)))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(at.child('backoffLimitPerIndex').required('when maxFailedIndexes is specified'))
  }
  if (managedBy !== undefined) errors.push(...checkManager(managedBy, at.child('managedBy')))
  errors.push(...oneOfIfAny(completionMode, ['NonIndexed', 'Indexed'], at.child('completionMode')))
  if (completionMode === 'Indexed') errors.push(...checkIndexed(spec, at))
  else if (completionMode === undefined || completionMode === 'NonIndexed') {
    for (const name of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[name] !== undefined) errors.push(at.child(name).invalid(spec[name], 'requires indexed completion mode'))
    }
  }
  if (podFailurePolicy) errors.push(...checkFailurePolicy(podFailurePolicy, spec, at.child('podFailurePolicy')))
  if (successPolicy && completionMode !== 'Indexed') errors.push(at.child('successPolicy').invalid(successPolicy, 'requires indexed completion mode'))
  else if (successPolicy) errors.push(...checkSuccessPolicy(successPolicy, spec.completions ?? 0, at.child('successPolicy')))
  errors.push(...oneOfIfAny(podReplacementPolicy, podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'], at.child('podReplacementPolicy')))
  return [...errors, ...checkTemplate(template, at.child('template')), ...checkEnding(template, podFailurePolicy !== undefined, at.child('template', 'spec', 'restartPolicy'))]
}

/** A Job's pods end. */
function checkEnding({ spec }: PodTemplateSpec, hasFailurePolicy: boolean, at: FieldPath): FieldError[] {
  const policy = spec?.restartPolicy
  if (policy === undefined || policy === 'Always') return [at.required('valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [at.notSupported(policy, ['OnFailure', 'Never'])]
  return hasFailurePolicy && policy !== 'Never' ? [at.invalid(policy, 'only "Never" is supported when podFailurePolicy is specified')] : []
}

/** `example.com/controller` */
function checkManager(name: string, at: FieldPath): FieldError[] {
  const [domain = '', ...path] = name.split('/')
  const errors: FieldError[] = []
  if (name === '') errors.push(at.required())
  else if (path.length === 0 || domain === '' || path[0] === '') errors.push(at.invalid(name, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    errors.push(...say(at, domain, isDNS1123Subdomain(domain)))
    const rest = path.join('/')
    const syntax = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`
    if (!new RegExp(`^${syntax}$`).test(rest)) errors.push(at.invalid(rest, `Invalid path (e.g. 'foo', regex used for validation is '${syntax}')`))
  }
  return name.length > most.managedBy ? [...errors, at.tooLong(most.managedBy)] : errors
}

function checkIndexed({ completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex }: JobSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const high = `when completions are above ${most.completions} and used with backoff limit per index`
  if (completions === undefined) errors.push(at.child('completions').required('when completion mode is Indexed'))
  if (parallelism > most.parallelism) errors.push(at.child('parallelism').invalid(parallelism, `must be less than or equal to ${most.parallelism} when completion mode is Indexed`))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > (completions ?? Infinity)) errors.push(at.child('maxFailedIndexes').invalid(maxFailedIndexes, 'must be less than or equal to completions'))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > most.failedIndexes) errors.push(at.child('maxFailedIndexes').invalid(maxFailedIndexes, `must be less than or equal to ${most.failedIndexes}`))
  if ((completions ?? 0) <= most.completions || backoffLimitPerIndex === undefined) return errors
  if (maxFailedIndexes === undefined) errors.push(at.child('maxFailedIndexes').required(`must be specified when completions is above ${most.completions}`))
  if (parallelism > most.highParallelism) errors.push(at.child('parallelism').invalid(parallelism, `must be less than or equal to ${most.highParallelism} ${high}`))
  if ((maxFailedIndexes ?? 0) > most.highFailedIndexes) errors.push(at.child('maxFailedIndexes').invalid(maxFailedIndexes, `must be less than or equal to ${most.highFailedIndexes} ${high}`))
  return errors
}

const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

export function checkJobUpdate({ spec = {} as JobSpec }: Job, { spec: old = {} as JobSpec, status }: Job, at: FieldPath): FieldError[] {
  const same = (name: keyof JobSpec, before: unknown = old[name]): FieldError[] => (sameValue(spec[name], before) ? [] : [at.child(name).immutable(spec[name])])
  // a Job that waits, and has not begun, may still be sent elsewhere
  const movable = old.suspend === true && status?.startTime === undefined
  return [
    ...checkCompletions(spec, old, at),
    ...same('selector'),
    ...same('template', movable ? movedLike(old.template, spec.template) : old.template),
    ...fixed.flatMap((name) => same(name)),
  ]
}

function checkCompletions(spec: JobSpec, old: JobSpec, root: FieldPath): FieldError[] {
  const at = root.child('completions')
  if (spec.completions === old.completions) return []
  if (spec.completionMode !== 'Indexed') return [at.immutable(spec.completions)]
  return spec.completions === spec.parallelism ? [] : [at.invalid(spec.completions, 'can only be modified in tandem with spec.parallelism')]
}

/** The old template, with what decides where pods go as the new one says it. */
function movedLike(old: PodTemplateSpec = {}, now: PodTemplateSpec = {}): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates } = now.spec ?? {}
  const { nodeAffinity: _before, ...others } = old.spec?.affinity ?? {}
  const { nodeAffinity } = now.spec?.affinity ?? {}
  const affinity = nodeAffinity ? { ...others, nodeAffinity } : others
  const metadata = { ...old.metadata, annotations: now.metadata?.annotations, labels: now.metadata?.labels }
  return { ...old, metadata, spec: { ...old.spec, nodeSelector, tolerations, schedulingGates, affinity } } as PodTemplateSpec
}
