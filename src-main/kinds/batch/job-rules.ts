import { labelSelector, matches } from '../../base/selector.ts'
import { checkSelector, nonNegative, oneOfIfAny, say } from '../checks.ts'
import { checkTemplate } from '../core/pod-spec.ts'
import { inOrder, noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Job, JobSpec, PodTemplateSpec } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'
import { internalSuccessPolicy } from './internal-form.ts'
import { checkFailurePolicy, checkSuccessPolicy } from './job-policies.ts'

/** Limits of Indexed Jobs: batch validation. */
const most = { parallelism: 100_000, failedIndexes: 100_000, completions: 100_000, highParallelism: 10_000, highFailedIndexes: 10_000, managedBy: 63 }

export function checkJob({ metadata, spec = {} as JobSpec }: Job, root: FieldPath, old?: Job): FieldError[] {
  const at = root.child('spec')
  const errors = [...checkGenerated(metadata, spec, at, old), ...checkJobSpec(spec, at)]
  errors.push(...(spec.selector ? checkSelector(spec.selector, at.child('selector')) : [at.child('selector').required()]))
  const labels = spec.template?.metadata?.labels
  if (!spec.selector || (checkSelector(spec.selector, at).length === 0 && !matches(labelSelector(spec.selector), labels ?? {}))) {
    errors.push(at.child('template', 'metadata', 'labels').invalid(inOrder(labels), '`selector` does not match template `labels`'))
  }
  const { completionMode, completions = 0 } = spec
  if (completionMode !== 'Indexed' || completions <= 0) return errors
  const hostname = `${metadata.name}-${completions - 1}`
  if (isDNS1123Label(hostname).length === 0) return errors
  return [...errors, root.child('metadata', 'name').invalid(metadata.name ?? '', `will not able to create pod with invalid DNS label: ${hostname}`)]
}

const prefixed = 'batch.kubernetes.io/'

/** Labels and selector of a Job that did not choose them are of its uid. One of before the labels had a prefix goes on without. */
function checkGenerated({ uid = '', name = '' }: Job['metadata'], { manualSelector, selector, template }: JobSpec, at: FieldPath, old: Job | undefined): FieldError[] {
  if (manualSelector || !selector) return []
  const all = { 'controller-uid': uid, 'job-name': name, [`${prefixed}controller-uid`]: uid, [`${prefixed}job-name`]: name }
  const before = old && (old.spec?.template?.metadata?.labels ?? {})
  const isPrefixed = !before || [`${prefixed}controller-uid`, `${prefixed}job-name`].every((key) => lookup(before, key) !== undefined)
  const labels = Object.fromEntries(Object.entries(all).filter(([key]) => isPrefixed || !key.startsWith(prefixed)))
  const metadata = at.child('template', 'metadata')
  const errors = Object.entries(labels).flatMap(([key, value]) => {
    const given = lookup(template?.metadata?.labels ?? {}, key)
    if (given === undefined) return [metadata.child('labels').key(key).required(`must be '${value}'`)]
    return given === value ? [] : [metadata.child('labels').key(key).invalid(inOrder(template?.metadata?.labels), `must be '${value}'`)]
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
  if (successPolicy && completionMode !== 'Indexed') errors.push(at.child('successPolicy').invalid(internalSuccessPolicy(successPolicy), 'requires indexed completion mode'))
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
  const rest = path.join('/')
  const errors: FieldError[] = []
  if (name === '') errors.push(at.required())
  else if (domain === '' || rest === '') errors.push(at.invalid(name, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  else {
    errors.push(...say(at, domain, isDNS1123Subdomain(domain)))
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
