import { noSpec } from '../core/pod-spec.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, Job, JobSpec, JobStatus, PodSpec, PodTemplateSpec } from '../generated/types.ts'
import { conditionOf } from '../meta.ts'
import { sameValue } from '../same-value.ts'
import { internalFailurePolicy, internalSuccessPolicy } from './internal-form.ts'

const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

export function checkJobUpdate({ spec = {} as JobSpec }: Job, { spec: old = {} as JobSpec, status }: Job, at: FieldPath): FieldError[] {
  const same = (name: keyof JobSpec): FieldError[] => (sameValue(spec[name], old[name]) ? [] : [at.child(name).immutable(shown(name, spec))])
  return [
    ...checkCompletions(spec, old, at),
    ...same('selector'),
    ...checkTemplateUpdate(spec.template ?? {}, old, status ?? {}, at.child('template')),
    ...fixed.flatMap((name) => same(name)),
  ]
}

/** As Kubernetes' own types are printed. */
function shown(name: keyof JobSpec, { podFailurePolicy, successPolicy, ...others }: JobSpec): unknown {
  if (name === 'podFailurePolicy') return podFailurePolicy && internalFailurePolicy(podFailurePolicy)
  if (name === 'successPolicy') return successPolicy && internalSuccessPolicy(successPolicy)
  return others[name]
}

function checkCompletions(spec: JobSpec, old: JobSpec, root: FieldPath): FieldError[] {
  const at = root.child('completions')
  if (spec.completions === old.completions) return []
  if (spec.completionMode !== 'Indexed') return [at.immutable(spec.completions)]
  // that it must be there has been said
  return spec.completions === undefined || spec.completions === spec.parallelism ? [] : [at.invalid(spec.completions, 'can only be modified in tandem with spec.parallelism')]
}

/** A Job that waits, and none of whose pods is left, may still be sent elsewhere, and its containers may get other resources. */
function checkTemplateUpdate(now: PodTemplateSpec, { suspend, template: old = {} }: JobSpec, { active = 0, startTime, conditions }: JobStatus, at: FieldPath): FieldError[] {
  const isIdle = active === 0 && (startTime === undefined || conditionOf(conditions, 'Suspended')?.status === 'True')
  if (!suspend || !isIdle) return sameValue(now, old) ? [] : [at.immutable(now)]
  return sameValue(now.spec, adjustedLike(old.spec ?? noSpec(), now.spec ?? noSpec())) ? [] : [at.child('spec').immutable(now.spec)]
}

/** The old pods, with what decides where they go and what they get as the new ones say it. */
function adjustedLike(old: PodSpec, now: PodSpec): PodSpec {
  const { nodeSelector, tolerations, schedulingGates } = now
  const { nodeAffinity: _before, ...others } = old.affinity ?? {}
  const { nodeAffinity } = now.affinity ?? {}
  const affinity = nodeAffinity ? { ...others, nodeAffinity } : others
  const containers = resizedLike(old.containers, now.containers)
  const initContainers = resizedLike(old.initContainers, now.initContainers)
  return { ...old, nodeSelector, tolerations, schedulingGates, affinity, containers, initContainers } as PodSpec
}

const resizedLike = (old: readonly Container[] = [], now: readonly Container[] = []): Container[] => old.map((container, i) => {
  const other = now.length === old.length ? now[i] : undefined
  if (!other || other.name !== container.name) return container
  const { resources: _before, ...rest } = container
  return other.resources ? { ...rest, resources: other.resources } : rest
})
