import type { HTTPIngressPath, Ingress, IngressBackend, IngressRule, IngressSpec } from '../generated/types.ts'
import type { Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'
import { ingress } from './ingress.ts'

type OlderBackend = Pick<IngressBackend, 'resource'> & { serviceName?: string; servicePort?: number | string }
type OlderPath = Omit<HTTPIngressPath, 'backend'> & { backend: OlderBackend }
type OlderRule = Omit<IngressRule, 'http'> & { http?: { paths: OlderPath[] } }
type OlderIngress = Omit<Ingress, 'spec'> & { spec?: Omit<IngressSpec, 'defaultBackend' | 'rules'> & { backend?: OlderBackend; rules?: OlderRule[] } }

/** Backends were a service's name and port side by side. */
export const ingressV1Beta1: Kind<OlderIngress> = otherVersion<OlderIngress, Ingress>(ingress, {
  version: 'v1beta1', schema: 'io.k8s.api.networking.v1beta1.Ingress', deprecated: { since: '1.19', until: '1.22' },
  toStored: ({ spec, ...object }) => {
    if (!spec) return object
    const { backend, rules, ...rest } = spec
    return { ...object, spec: { ...rest, ...(backend ? { defaultBackend: backendOf(backend) } : {}), ...(rules ? { rules: withBackends(rules, backendOf) } : {}) } }
  },
  fromStored: ({ spec, ...object }) => {
    if (!spec) return object
    const { defaultBackend, rules, ...rest } = spec
    return { ...object, spec: { ...rest, ...(defaultBackend ? { backend: olderOf(defaultBackend) } : {}), ...(rules ? { rules: withBackends(rules, olderOf) } : {}) } }
  },
})

interface Rule<B> {
  host?: string
  http?: { paths: Array<Omit<HTTPIngressPath, 'backend'> & { backend: B }> }
}

/** A body that is not checked yet may lack what its type demands. */
function withBackends<B, C>(rules: ReadonlyArray<Rule<B>>, convert: (backend: B) => C): Array<Rule<C>> {
  return rules.map(({ http, ...rule }) => {
    if (!http) return rule
    const paths = http.paths?.map((path) => (path.backend ? { ...path, backend: convert(path.backend) } : (path as unknown as Omit<HTTPIngressPath, 'backend'> & { backend: C })))
    return { ...rule, http: { ...http, paths } }
  })
}

function backendOf({ serviceName = '', servicePort, ...rest }: OlderBackend): IngressBackend {
  if (serviceName === '' && servicePort === undefined) return rest
  const port = typeof servicePort === 'string' ? { name: servicePort } : servicePort ? { number: servicePort } : {}
  return { ...rest, service: { name: serviceName, port } }
}

function olderOf({ service, ...rest }: IngressBackend): OlderBackend {
  if (!service) return rest
  return { ...rest, serviceName: service.name, servicePort: service.port?.name || (service.port?.number ?? 0) }
}
