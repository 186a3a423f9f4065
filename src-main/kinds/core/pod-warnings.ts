import { amountOf } from '../../base/amount.ts'
import type { Container, ContainerPort, Pod, PodAffinity, PodSpec, PodTemplateSpec, Volume } from '../generated/types.ts'
import { unusualIP } from '../ip.ts'
import type { KubeObject } from '../meta.ts'
import { isDNS1123Label } from '../validation.ts'
import { sameValue } from '../same-value.ts'
import { warnOfClaimSpec } from './claim-warnings.ts'
import { type GoneSource, warnOfGone } from './gone-sources.ts'
import { oldNodeLabel, warnOfNodeTerm } from './node-labels.ts'
import { adoptedProfile, appArmorPrefix, seccompOfPod, seccompPrefix } from './pod-annotations.ts'
import { warnOfOverlaps } from './virtual-paths.ts'

/** What a client is told of a pod that it creates: GetWarningsForPod of Kubernetes' pod package. */
export const warnOfPod = ({ metadata, spec }: Readonly<Pod>): string[] => [
  ...surprisingName(metadata, "the Pod's hostname"),
  ...(spec ? warnOf(spec, metadata.annotations, '') : []),
]

/** The same of a template; `at` is its place. */
export const warnOfTemplate = (template: Readonly<PodTemplateSpec> | undefined, at: string): string[] =>
  template?.spec ? warnOf(template.spec, template.metadata?.annotations, `${at}.`) : []

/** A name of which names of pods are made, and so of machines. */
export const warnOfPodNames = ({ metadata }: Readonly<KubeObject>): string[] => surprisingName(metadata, 'Pod names and hostnames')

function surprisingName({ name = '' }: KubeObject['metadata'], use: string): string[] {
  const wrong = isDNS1123Label(name)
  return wrong.length === 0 ? [] : [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`]
}

type Annotations = Readonly<Record<string, string>> | undefined

const oldAnnotations: ReadonlyArray<readonly [name: string, sentence: string]> = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]
const noSeccomp = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const noSelector = 'a null labelSelector results in matching no pod'

/** `at` is what stands before `spec`: empty for a pod. In the order in which Kubernetes warns. */
function warnOf(spec: PodSpec, annotations: Annotations, at: string): string[] {
  const here = `${at}spec`
  const annotated = (name: string, sentence: string): string[] => (annotations && Object.hasOwn(annotations, name) ? [`${at}metadata.annotations[${name}]: ${sentence}`] : [])
  const { affinity, securityContext, overhead, terminationGracePeriodSeconds: grace } = spec
  const warnings = spec.nodeSelector || affinity || spec.topologySpreadConstraints ? warnOfPlaces(spec, here) : []
  const add = (more: readonly string[]): void => {
    for (const warning of more) warnings.push(warning)
  }
  if (annotations) for (const [name, sentence] of oldAnnotations) add(annotated(name, sentence))
  for (const [i, volume] of (spec.volumes ?? []).entries()) add(warnOfVolume(volume, () => `${here}.volumes[${i}]`))
  if (spec.volumes) add(warnOfOverlaps(spec.volumes))
  if (spec.hostAliases) add(again(spec.hostAliases.map(({ ip = '' }) => ip), (i) => `${here}.hostAliases[${i}].ip: duplicate ip`))
  for (const [i, secret] of (spec.imagePullSecrets ?? []).entries()) if (!secret.name) warnings.push(`${here}.imagePullSecrets[${i}].name: invalid empty name ""`)
  if (spec.imagePullSecrets) add(again(spec.imagePullSecrets.map(({ name = '' }) => name), (i) => `${here}.imagePullSecrets[${i}].name: duplicate name`))
  if (overhead) for (const name of measured) add(fraction(overhead[name], () => `${here}.overhead[${name}]`))
  if (annotations && !securityContext?.seccompProfile) add(annotated(seccompOfPod, noSeccomp))
  eachContainer(spec, (container, list, i) => {
    const place = (): string => `${here}.${list}[${i}]`
    if (annotations && !container.securityContext?.seccompProfile) add(annotated(seccompPrefix + container.name, noSeccomp))
    if (annotations && !container.securityContext?.appArmorProfile && !isSaid(spec, annotations, container.name, at === '')) {
      add(annotated(appArmorPrefix + container.name, 'deprecated since v1.30; use the "appArmorProfile" field instead'))
    }
    const { limits, requests } = container.resources ?? {}
    for (const name of measured) {
      if (limits) add(fraction(limits[name], () => `${place()}.resources.limits[${name}]`))
      if (requests) add(fraction(requests[name], () => `${place()}.resources.requests[${name}]`))
    }
    if (container.env && container.env.length > 1) add(warnOfHidden(container.env, () => `${place()}.env`))
  })
  add(warnOfPorts(spec, here))
  if (grace !== undefined && grace < 0) warnings.push(`${here}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  if (affinity?.podAffinity) add(warnOfPodAffinity(affinity.podAffinity, `${here}.affinity.podAffinity`))
  if (affinity?.podAntiAffinity) add(warnOfPodAffinity(affinity.podAntiAffinity, `${here}.affinity.podAntiAffinity`))
  for (const [i, address] of (spec.dnsConfig?.nameservers ?? []).entries()) add(unusualIP(`${here}.dnsConfig.nameservers[${i}]`, address))
  for (const [i, { ip = '' }] of (spec.hostAliases ?? []).entries()) add(unusualIP(`${here}.hostAliases[${i}].ip`, ip))
  return warnings
}

/** Whether the pod's own AppArmor profile says what the annotation of a container says; a template may say anything instead. */
function isSaid({ os, securityContext }: PodSpec, annotations: Readonly<Record<string, string>>, container: string, inPod: boolean): boolean {
  const profile = securityContext?.appArmorProfile
  if (!inPod) return profile !== undefined
  return os?.name === 'windows' || (profile !== undefined && sameValue(profile, adoptedProfile(annotations, container)))
}

const measured = ['memory', 'ephemeral-storage'] as const

function eachContainer(spec: PodSpec, visit: (container: Container, list: string, i: number) => void): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (let i = 0; i < (spec[list]?.length ?? 0); i++) visit(spec[list]![i] as Container, list, i)
  }
}

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'

function warnOfPlaces({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, at: string): string[] {
  const { [hard]: required, [soft]: preferred } = affinity?.nodeAffinity ?? {}
  const place = `${at}.affinity.nodeAffinity`
  return [
    ...Object.keys(nodeSelector ?? {}).flatMap((label) => (oldNodeLabel(label) ? [`${at}.nodeSelector[${label}]: ${oldNodeLabel(label)}`] : [])),
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, i) => warnOfNodeTerm(term, `${place}.${hard}.nodeSelectorTerms[${i}]`, false)),
    ...(preferred ?? []).flatMap(({ preference }, i) => warnOfNodeTerm(preference ?? {}, `${place}.${soft}[${i}].preference`, true)),
    ...(topologySpreadConstraints ?? []).flatMap(({ topologyKey = '', labelSelector }, i) => {
      const here = `${at}.topologySpreadConstraints[${i}]`
      const label = oldNodeLabel(topologyKey)
      return [...(label ? [`${here}.topologyKey: ${topologyKey} is ${label}`] : []), ...(labelSelector ? [] : [`${here}.labelSelector: ${noSelector}`])]
    }),
  ]
}

const warnOfPodAffinity = (affinity: PodAffinity, at: string): string[] => [
  ...(affinity[hard] ?? []).flatMap(({ labelSelector }, i) => (labelSelector ? [] : [`${at}.${hard}[${i}].labelSelector: ${noSelector}`])),
  ...(affinity[soft] ?? []).flatMap(({ podAffinityTerm }, i) => (podAffinityTerm?.labelSelector ? [] : [`${at}.${soft}[${i}].podAffinityTerm.labelSelector: ${noSelector}`])),
]

const gone: readonly GoneSource[] = ['photonPersistentDisk', 'gitRepo', 'scaleIO', 'flocker', 'storageos', 'quobyte', 'glusterfs', 'cephfs', 'rbd']

function warnOfVolume(volume: Volume, at: () => string): string[] {
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec
  const warnings = warnOfGone(volume, gone, at)
  return claim ? [...warnings, ...warnOfClaimSpec(claim, `${at()}.ephemeral.volumeClaimTemplate.spec`)] : warnings
}

function again(texts: readonly string[], say: (i: number) => string): string[] {
  const seen = new Set<string>()
  return texts.flatMap((text, i) => {
    if (seen.has(text)) return [`${say(i)} ${JSON.stringify(text)}`]
    seen.add(text)
    return []
  })
}

/** An amount of bytes that is none. */
function fraction(quantity: string | undefined, at: () => string): string[] {
  // what ends in a digit or in i is a whole number of something larger than a byte, unless there is a dot or an exponent
  if (quantity === undefined || !/[.mnue]/.test(quantity) || amountOf(quantity).nano % 1_000_000_000n === 0n) return []
  return [`${at()}: fractional byte value ${JSON.stringify(quantity)} is invalid, must be an integer`]
}

/** A variable that is said twice, and does not build on what was said before. */
function warnOfHidden(env: NonNullable<Container['env']>, at: () => string): string[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    const before = `$(${name})`
    const isHidden = seen.has(name) && (valueFrom !== undefined || value === before || !value.includes(before))
    seen.add(name)
    return isHidden ? [`${at()}[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`] : []
  })
}

/** Ports of all containers that are compared with each other, and warnings of them; of more the rest is not looked at. */
const mostPorts = 1000

interface Place {
  readonly at: () => string
  readonly port: ContainerPort
}

function warnOfPorts(spec: PodSpec, at: string): string[] {
  const places = new Map<string, Place[]>()
  const warnings: string[] = []
  let count = 0
  eachContainer(spec, ({ ports = [] }, list, i) => {
    for (const [j, port] of ports.entries()) {
      if (count++ >= mostPorts || warnings.length >= mostPorts) return
      const { hostIP = '', hostPort = 0, containerPort, protocol = 'TCP', name = '' } = port
      const here = (): string => `${at}.${list}[${i}].ports[${j}]`
      if (hostIP && hostPort === 0) warnings.push(`${here()}: hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`)
      const key = `${containerPort}/${protocol}`
      const others = places.get(key)
      const place = { at: here, port }
      if (!others) {
        places.set(key, [place])
        continue
      }
      for (const other of others) for (const word of clash(port, other.port)) warnings.push(`${here()}: ${word} port definition with ${other.at()}`)
      others.push(place)
    }
  })
  return warnings
}

function clash({ hostIP = '', hostPort = 0 }: ContainerPort, { hostIP: otherIP = '', hostPort: otherPort = 0 }: ContainerPort): string[] {
  if (hostIP === otherIP && hostPort === otherPort) return ['duplicate']
  if (hostPort === 0 || otherPort === 0) return ['overlapping']
  return hostPort === otherPort && (hostIP === '') !== (otherIP === '') ? ['dangerously ambiguous'] : []
}
