import type { FieldError, FieldPath } from '../field-error.ts'
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { everyContainer } from './containers.ts'
import { descending } from './paths.ts'

type Annotations = Readonly<Record<string, string>> | undefined

export const mirror = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
export const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
export const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/'
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

/** Annotations that mean something to Kubernetes itself. */
export function checkPodAnnotations(annotations: Annotations = {}, spec: PodSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const mirrored = lookup(annotations, mirror)
  if (mirrored !== undefined && !spec.nodeName) errors.push(at.key(mirror).invalid(mirrored, 'must set spec.nodeName if mirror pod annotation is set'))
  const cost = lookup(annotations, deletionCost)
  if (cost !== undefined && !isInt32(cost)) errors.push(at.key(deletionCost).invalid(cost, 'must be a 32bit integer'))
  const names = Object.keys(annotations)
  for (const name of names) if (name === seccompOfPod || name.startsWith(seccompPrefix)) errors.push(...checkSeccomp(annotations[name]!, at.child(name)))
  for (const name of names) if (name.startsWith(appArmorPrefix)) errors.push(...checkAppArmor(name, annotations[name]!, spec, at.key(name)))
  return errors
}

const isInt32 = (text: string): boolean => /^(0|-?[1-9]\d{0,9}|-0\d{0,9})$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31

function checkSeccomp(value: string, at: FieldPath): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return []
  return value.startsWith('localhost/') ? descending(value.slice('localhost/'.length), at) : [at.invalid(value, 'must be a valid seccomp profile')]
}

function checkAppArmor(name: string, value: string, spec: PodSpec, at: FieldPath): FieldError[] {
  const container = name.slice(appArmorPrefix.length)
  const errors = everyContainer(spec, at).some(([one]) => one.name === container) ? [] : [at.invalid(container, 'container not found')]
  const known = value === '' || value === 'runtime/default' || value === 'unconfined' || value.startsWith('localhost/')
  return known ? errors : [...errors, at.invalid(value, `invalid AppArmor profile name: ${JSON.stringify(value)}`)]
}

/** Who says a seccomp profile twice, by the old annotation too, says the same. */
export function checkSeccompAgrees(annotations: Annotations = {}, spec: PodSpec, at: FieldPath): FieldError[] {
  const places = everyContainer(spec, at).map(([{ name, securityContext }, here]) => [securityContext?.seccompProfile, lookup(annotations, seccompPrefix + name), here] as const)
  return [[spec.securityContext?.seccompProfile, lookup(annotations, seccompOfPod), at] as const, ...places].flatMap(([profile, annotation, here]) =>
    profile && annotation !== undefined ? agree(profile, annotation, here.child('securityContext', 'seccompProfile')) : [],
  )
}

/** The AppArmor profile of a container that an annotation says; undefined without one, or where it is no profile. */
export function adoptedProfile(annotations: Readonly<Record<string, string>>, container: string): AppArmorProfile | undefined {
  const said = lookup(annotations, appArmorPrefix + container)
  if (said === 'unconfined') return { type: 'Unconfined' }
  if (said === 'runtime/default') return { type: 'RuntimeDefault' }
  const path = said?.startsWith('localhost/') ? said.slice('localhost/'.length) : ''
  return path !== '' && path.trim() === path ? { type: 'Localhost', localhostProfile: path } : undefined
}

/** The same of AppArmor, where only containers have annotations. */
export function checkAppArmorAgrees(annotations: Annotations, spec: PodSpec, at: FieldPath): FieldError[] {
  if (!annotations || spec.os?.name === 'windows') return []
  return everyContainer(spec, at).flatMap(([{ name, securityContext }, here]) => {
    const profile = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
    const annotation = profile && lookup(annotations, appArmorPrefix + name)
    return annotation === undefined ? [] : agreeOnAppArmor(profile!, annotation, here.child('securityContext', 'appArmorProfile'))
  })
}

function agreeOnAppArmor({ type, localhostProfile }: AppArmorProfile, annotation: string, at: FieldPath): FieldError[] {
  const other = [at.child('type').forbidden('apparmor type in annotation and field must match')]
  if (type === 'Unconfined') return annotation === 'unconfined' ? [] : other
  if (type === 'RuntimeDefault') return annotation === 'runtime/default' ? [] : other
  if (type !== 'Localhost') return []
  if (!annotation.startsWith('localhost/')) return other
  return annotation === `localhost/${localhostProfile ?? ''}` ? [] : [at.child('localhostProfile').forbidden('apparmor profile in annotation and field must match')]
}

function agree({ type, localhostProfile }: SeccompProfile, annotation: string, at: FieldPath): FieldError[] {
  const other = [at.child('type').forbidden('seccomp type in annotation and field must match')]
  if (type === 'Unconfined') return annotation === 'unconfined' ? [] : other
  if (type === 'RuntimeDefault') return ['runtime/default', 'docker/default'].includes(annotation) ? [] : other
  if (type !== 'Localhost') return []
  if (!annotation.startsWith('localhost/')) return other
  return annotation === `localhost/${localhostProfile ?? ''}` ? [] : [at.child('localhostProfile').forbidden('seccomp profile in annotation and field must match')]
}

/** What of these annotations may not change once the pod is there. */
export function checkAnnotationChange(now: Annotations = {}, before: Annotations = {}, at: FieldPath): FieldError[] {
  const isFixed = (name: string) => name === mirror || name.startsWith(appArmorPrefix)
  const called = (name: string) => (name === mirror ? 'mirror pod annotation' : 'AppArmor annotations')
  const changed = Object.keys(before).filter((name) => isFixed(name) && lookup(now, name) !== before[name])
  const added = Object.keys(now).filter((name) => isFixed(name) && lookup(before, name) === undefined)
  return [
    ...changed.map((name) => at.key(name).forbidden(`may not remove or update ${called(name)}`)),
    ...added.map((name) => at.key(name).forbidden(`may not add ${called(name)}`)),
  ]
}
