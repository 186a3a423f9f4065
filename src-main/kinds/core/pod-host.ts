import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PodSpec } from '../generated/types.ts'
import { isValidIP } from '../ip.ts'
import { isDNS1123Subdomain, isDNS1123SubdomainWithUnderscore } from '../validation.ts'
import { everyContainer } from './containers.ts'

/** A pod on its node's network has the node's ports; a template may leave them open. */
export function checkHostNetwork({ hostNetwork, containers }: PodSpec, at: FieldPath, inPod: boolean): FieldError[] {
  if (!hostNetwork) return []
  return each(containers, at.child('containers'), ({ ports }, container) =>
    each(ports, container.child('ports'), ({ hostPort = 0, containerPort = 0 }, here) => {
      const right = hostPort === containerPort || (!inPod && hostPort === 0)
      return right ? [] : [here.child('hostPort').invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true')]
    }),
  )
}

export function checkHostUsers(spec: PodSpec, at: FieldPath): FieldError[] {
  if (spec.hostUsers !== false) return []
  const sentence = 'when `hostUsers` is false'
  return [
    ...(spec.hostNetwork ? [at.child('hostNetwork').forbidden(sentence)] : []),
    ...(spec.hostPID ? [at.child('HostPID').forbidden(sentence)] : []),
    ...(spec.hostIPC ? [at.child('HostIPC').forbidden(sentence)] : []),
    ...everyContainer(spec, at).flatMap(([{ volumeDevices }, here]) => (volumeDevices?.length ? [here.child('volumeDevices').forbidden(sentence)] : [])),
  ]
}

export function checkHostnameOverride({ hostnameOverride: name, setHostnameAsFQDN, hostNetwork }: PodSpec, at: FieldPath): FieldError[] {
  if (name === undefined) return []
  return [
    ...(setHostnameAsFQDN ? [at.forbidden('may not be specified when setHostnameAsFQDN is true')] : []),
    ...(hostNetwork ? [at.forbidden('may not be specified when hostNetwork is true')] : []),
    ...(name.length > 64 ? [at.tooLong(64)] : []),
    ...say(at, name, isDNS1123Subdomain(name)),
  ]
}

/** What libc takes of resolv.conf. */
const most = { nameservers: 3, searches: 32, characters: 2048 }

function checkSearch(search: string, at: FieldPath): FieldError[] {
  const name = search.replace(/\.$/, '')
  return search === '.' ? [] : say(at, name, isDNS1123SubdomainWithUnderscore(name))
}

export function checkDns({ dnsPolicy, dnsConfig }: PodSpec, at: FieldPath): FieldError[] {
  const { nameservers = [], searches = [], options } = dnsConfig ?? {}
  if (dnsPolicy === 'None' && !dnsConfig) return [at.required('must provide `dnsConfig` when `dnsPolicy` is None')]
  if (dnsPolicy === 'None' && nameservers.length === 0) return [at.child('nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None')]
  const errors: FieldError[] = []
  if (nameservers.length > most.nameservers) errors.push(at.child('nameservers').invalid(nameservers, `must not have more than ${most.nameservers} nameservers`))
  errors.push(...each(nameservers, at.child('nameservers'), (ip, here) => say(here, ip, isValidIP(ip))))
  if (searches.length > most.searches) errors.push(at.child('searches').invalid(searches, `must not have more than ${most.searches} search paths`))
  if (searches.join(' ').length > most.characters) {
    errors.push(at.child('searches').invalid(searches, `must not have more than ${most.characters} characters (including spaces) in the search list`))
  }
  errors.push(...each(searches, at.child('searches'), checkSearch))
  return [...errors, ...each(options, at.child('options'), ({ name }, here) => (name ? [] : [here.required('must not be empty')]))]
}
