import { each, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { HTTPIngressPath, Ingress, IngressBackend, IngressTLS } from '../generated/types.ts'
import { isAnyIP, isValidIP, unusualIP, withoutKept } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { isDNS1123Label, isDNS1123Subdomain, isValidPortName, isValidPortNum, isWildcardDNS1123Subdomain } from '../validation.ts'
import { checkTypedReference } from './references.ts'

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
  ownRules: true,
  validate: (object, at, old) => withoutKept(checkIngress(object, at, old), old?.status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? []),
  warn: ({ metadata, spec }, old) => {
    const isOld = !old && metadata.annotations?.[classAnnotation] !== undefined && spec?.ingressClassName === undefined
    return isOld ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`] : []
  },
  warnPart: (_subresource, { status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) => (ip ? unusualIP(`status.loadBalancer.ingress[${i}]`, ip) : [])),
  columns: [
    { name: 'Class', type: 'string', description: 'The name of the IngressClass resource that should be used for additional configuration', cell: ({ spec }) => spec?.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', description: 'Hosts that incoming requests are matched against before the ingress rule', cell: hostsOf },
    { name: 'Address', type: 'string', description: 'Address is a list containing ingress points for the load-balancer', cell: ({ status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []).sort().join(',') },
    { name: 'Ports', type: 'string', description: 'Ports of TLS configurations that open', cell: ({ spec }) => (spec?.tls?.length ? '80, 443' : '80') },
    age,
  ],
})

function hostsOf({ spec }: Ingress): string {
  const rules = spec?.rules ?? []
  const hosts = rules.slice(0, 3).flatMap(({ host }) => host || [])
  if (hosts.length === 0) return '*'
  return rules.length > 3 ? `${hosts.join(',')} + ${rules.length - 3} more...` : hosts.join(',')
}

const classAnnotation = 'kubernetes.io/ingress.class'

function checkIngress({ metadata, spec = {}, status }: Ingress, root: FieldPath, old?: Ingress): FieldError[] {
  const at = root.child('spec')
  const errors: FieldError[] = []
  if (!spec.defaultBackend && !spec.rules?.length) errors.push(at.invalid(spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend) errors.push(...checkBackend(spec.defaultBackend, at.child('defaultBackend')))
  errors.push(
    ...each(spec.rules, at.child('rules'), ({ host, http }, here) => [
      ...(host ? checkHost(host, here.child('host')) : []),
      ...(http && !http.paths?.length ? [here.child('http', 'paths').required()] : []),
      ...each(http?.paths, here.child('http', 'paths'), checkPath),
    ]),
    ...each(spec.tls, at.child('tls'), checkTls),
    ...(spec.ingressClassName === undefined ? [] : say(at.child('ingressClassName'), spec.ingressClassName, isDNS1123Subdomain(spec.ingressClassName))),
  )
  const annotation = metadata.annotations?.[classAnnotation]
  if (!old && annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
    errors.push(root.child('annotations', classAnnotation).invalid(annotation, 'must match `ingressClassName` when both are specified'))
  }
  return [...errors, ...each(status?.loadBalancer?.ingress, root.child('status', 'loadBalancer', 'ingress'), checkLoadBalancerIngress)]
}

function checkHost(host: string, at: FieldPath): FieldError[] {
  const errors = isAnyIP(host) ? [at.invalid(host, 'must be a DNS name, not an IP address')] : []
  return [...errors, ...checkHostName(host, at)]
}

const checkHostName = (host: string, at: FieldPath): FieldError[] =>
  say(at, host, host.includes('*') ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host))

const checkTls = ({ hosts, secretName }: IngressTLS, at: FieldPath): FieldError[] => [
  ...each(hosts, at.child('hosts'), checkHostName),
  ...(secretName ? say(at.child('secretName'), secretName, isDNS1123Subdomain(secretName)) : []),
]

const sequences = ['//', '/./', '/../', '%2f', '%2F']
const endings = ['/..', '/.']
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

function checkPath({ path = '', pathType, backend }: HTTPIngressPath, at: FieldPath): FieldError[] {
  const here = at.child('path')
  if (!pathType) return [at.child('pathType').required('pathType must be specified')]
  const errors: FieldError[] = []
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(here.invalid(path, 'must be an absolute path'))
    for (const part of sequences) if (path.includes(part)) errors.push(here.invalid(path, `must not contain '${part}'`))
    for (const part of endings) if (path.endsWith(part)) errors.push(here.invalid(path, `cannot end with '${part}'`))
  } else if (!pathTypes.includes(pathType)) errors.push(at.child('pathType').notSupported(pathType, pathTypes))
  else if (path && !path.startsWith('/')) errors.push(here.invalid(path, 'must be an absolute path'))
  return [...errors, ...checkBackend(backend ?? {}, at.child('backend'))]
}

function checkBackend({ service, resource }: IngressBackend, at: FieldPath): FieldError[] {
  if (service && resource) return [at.invalid('', 'cannot set both resource and service backends')]
  if (resource) return checkTypedReference(resource, at.child('resource'))
  if (!service) return [at.invalid('', 'resource or service backend is required')]
  const errors = service.name ? say(at.child('service', 'name'), service.name, isDNS1123Label(service.name)) : [at.child('service', 'name').required()]
  const { name, number } = service.port ?? {}
  const port = at.child('service', 'port')
  if (name && number) errors.push(at.invalid('', 'cannot set both port name & port number'))
  else if (name) errors.push(...say(port.child('name'), name, isValidPortName(name)))
  else if (number) errors.push(...say(port.child('number'), number, isValidPortNum(number)))
  else errors.push(at.required('port name or number is required'))
  return errors
}

function checkLoadBalancerIngress({ ip, hostname }: { ip?: string; hostname?: string }, at: FieldPath): FieldError[] {
  const errors = ip ? say(at.child('ip'), ip, isValidIP(ip)) : []
  if (!hostname) return errors
  errors.push(...say(at.child('hostname'), hostname, isDNS1123Subdomain(hostname)))
  return isAnyIP(hostname) ? [...errors, at.child('hostname').invalid(hostname, 'must be a DNS name, not an IP address')] : errors
}
