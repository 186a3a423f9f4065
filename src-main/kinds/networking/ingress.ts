import { each, present, say } from '../checks.ts'
import { age } from '../columns.ts'
import { checkPort } from '../core/probe.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { HTTPIngressPath, Ingress, IngressBackend } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isDNS1035Label, isDNS1123Subdomain, isIPv4, isIPv6, isWildcardDNS1123Subdomain } from '../validation.ts'

export type { Ingress }

export const ingress = defineKind<Ingress>({
  group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.Ingress',
  status: true,
  generation: true,
  prepareCreate: (object) => {
    object.status = { loadBalancer: {} }
  },
  validate: checkIngress,
  columns: [
    { name: 'Class', type: 'string', cell: ({ spec }) => spec?.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', cell: hostsOf },
    { name: 'Address', type: 'string', cell: ({ status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []).sort().join(',') },
    { name: 'Ports', type: 'string', cell: ({ spec }) => (spec?.tls?.length ? '80, 443' : '80') },
    age,
  ],
})

function hostsOf({ spec }: Ingress): string {
  const rules = spec?.rules ?? []
  const hosts = rules.slice(0, 3).flatMap(({ host }) => host || [])
  if (hosts.length === 0) return '*'
  return rules.length > 3 ? `${hosts.join(',')} + ${rules.length - 3} more...` : hosts.join(',')
}

function checkIngress({ spec = {} }: Ingress, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const errors: FieldError[] = []
  if (spec.defaultBackend) errors.push(...checkBackend(spec.defaultBackend, at.child('defaultBackend')))
  else if (!spec.rules?.length) errors.push(at.invalid(spec.rules ?? [], 'either `defaultBackend` or `rules` must be specified'))
  if (spec.ingressClassName) errors.push(...say(at.child('ingressClassName'), spec.ingressClassName, isDNS1123Subdomain(spec.ingressClassName)))
  return [...errors, ...each(spec.rules, at.child('rules'), ({ host, http }, here) => [
    ...(host ? checkHost(host, here.child('host')) : []),
    ...(http && !http.paths?.length ? [here.child('http', 'paths').required()] : []),
    ...each(http?.paths, here.child('http', 'paths'), checkPath),
  ])]
}

function checkHost(host: string, at: FieldPath): FieldError[] {
  if (isIPv4(host) || isIPv6(host)) return [at.invalid(host, 'must be a DNS name, not an IP address')]
  return say(at, host, host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host))
}

const sequences = ['//', '/./', '/../', '%2f', '%2F']
const endings = ['/..', '/.']

function checkPath({ path = '', pathType, backend }: HTTPIngressPath, at: FieldPath): FieldError[] {
  const here = at.child('path')
  const errors = pathType ? [] : [at.child('pathType').required('pathType must be specified')]
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(here.invalid(path, 'must be an absolute path'))
    for (const part of sequences) if (path.includes(part)) errors.push(here.invalid(path, `must not contain '${part}'`))
    for (const part of endings) if (path.endsWith(part)) errors.push(here.invalid(path, `cannot end with '${part}'`))
  } else if (path && !path.startsWith('/')) errors.push(here.invalid(path, 'must be an absolute path'))
  return backend ? [...errors, ...checkBackend(backend, at.child('backend'))] : errors
}

function checkBackend({ service, resource }: IngressBackend, at: FieldPath): FieldError[] {
  if (service && resource) return [at.invalid('', 'cannot set both resource and service backends')]
  if (resource) return [...present(resource.kind, at.child('resource', 'kind')), ...present(resource.name, at.child('resource', 'name'))]
  if (!service) return [at.required('port name or number is required')]
  const here = at.child('service', 'port')
  const errors = service.name ? say(at.child('service', 'name'), service.name, isDNS1035Label(service.name)) : [at.child('service', 'name').required()]
  const { name, number } = service.port ?? {}
  if (name && number) errors.push(here.invalid('', 'cannot set both port name & port number'))
  else if (!name && !number) errors.push(here.required('port name or number is required'))
  else errors.push(...checkPort(name || number, here.child(name ? 'name' : 'number')))
  return errors
}
