import type { ProtobufNumbers } from './protobuf.ts'
import type { FieldSchema, Schemas } from './schema.ts'

/** Types of versions that Kubernetes no longer has, where they differ from what the models of today describe. */

const slices = 'io.k8s.api.discovery.v1beta1'
const ingresses = 'io.k8s.api.networking.v1beta1'
const core = 'io.k8s.api.core.v1'

const text: FieldSchema = { type: 'string' }
/** Left out where it is empty. */
const word: FieldSchema = { type: 'string', omitZero: true }
const ref = (name: string): FieldSchema => ({ type: 'object', ref: name })
const list = (items: FieldSchema): FieldSchema => ({ type: 'array', items, listType: 'atomic' })
const whole = { apiVersion: text, kind: text, metadata: ref('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') }

export const olderSchemas: Schemas = {
  [`${slices}.EndpointSlice`]: {
    fields: {
      ...whole,
      addressType: { type: 'string', required: true, enum: ['FQDN', 'IPv4', 'IPv6'] },
      endpoints: list(ref(`${slices}.Endpoint`)),
      ports: list(ref('io.k8s.api.discovery.v1.EndpointPort')),
    },
  },
  [`${slices}.Endpoint`]: {
    fields: {
      addresses: { type: 'array', items: text, required: true, listType: 'set' },
      conditions: ref('io.k8s.api.discovery.v1.EndpointConditions'),
      hints: ref('io.k8s.api.discovery.v1.EndpointHints'),
      hostname: text,
      nodeName: text,
      targetRef: ref(`${core}.ObjectReference`),
      topology: { type: 'map', items: text },
    },
  },
  [`${ingresses}.Ingress`]: { fields: { ...whole, spec: ref(`${ingresses}.IngressSpec`), status: ref('io.k8s.api.networking.v1.IngressStatus') } },
  [`${ingresses}.IngressSpec`]: {
    fields: {
      backend: ref(`${ingresses}.IngressBackend`),
      ingressClassName: text,
      rules: list(ref(`${ingresses}.IngressRule`)),
      tls: list(ref('io.k8s.api.networking.v1.IngressTLS')),
    },
  },
  [`${ingresses}.IngressRule`]: { fields: { host: word, http: ref(`${ingresses}.HTTPIngressRuleValue`) } },
  [`${ingresses}.HTTPIngressRuleValue`]: { fields: { paths: { ...list(ref(`${ingresses}.HTTPIngressPath`)), required: true } } },
  [`${ingresses}.HTTPIngressPath`]: {
    fields: {
      backend: { ...ref(`${ingresses}.IngressBackend`), required: true },
      path: word,
      pathType: { type: 'string', enum: ['Exact', 'ImplementationSpecific', 'Prefix'], default: 'ImplementationSpecific' },
    },
  },
  [`${ingresses}.IngressBackend`]: { fields: { resource: ref(`${core}.TypedLocalObjectReference`), serviceName: word, servicePort: { type: 'int-or-string' } } },
}

/** Their fields by number, in the notation of `ProtobufNumbers`. */
export const olderNumbers: Readonly<Record<string, ProtobufNumbers>> = {
  [`${slices}.EndpointSlice`]: { 1: 'metadata', 2: 'endpoints!', 3: 'ports!', 4: 'addressType!' },
  [`${slices}.Endpoint`]: { 1: 'addresses!', 2: 'conditions', 3: 'hostname*', 4: 'targetRef*', 5: 'topology', 6: 'nodeName*', 7: 'hints*' },
  [`${ingresses}.Ingress`]: { 1: 'metadata', 2: 'spec', 3: 'status' },
  [`${ingresses}.IngressSpec`]: { 1: 'backend*', 2: 'tls', 3: 'rules', 4: 'ingressClassName*' },
  [`${ingresses}.IngressRule`]: { 1: 'host', 2: { 1: 'http*' } },
  [`${ingresses}.HTTPIngressRuleValue`]: { 1: 'paths!' },
  [`${ingresses}.HTTPIngressPath`]: { 1: 'path', 2: 'backend!', 3: 'pathType*' },
  [`${ingresses}.IngressBackend`]: { 1: 'serviceName', 2: 'servicePort', 3: 'resource*' },
}
