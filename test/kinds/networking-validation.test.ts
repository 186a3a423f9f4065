import { describe, expect, it } from 'vitest'
import { ingressClass } from '../../src-main/kinds/networking/ingress-class.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import { networkPolicy } from '../../src-main/kinds/networking/network-policy.ts'
import { briefly, changed, mistakes } from './prepared.ts'

type Row = [change: string, ...errors: string[]]

describe('an Ingress', () => {
  const right = '{ spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] } }'

  it('is right as it is', () => {
    expect(mistakes(ingress, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: null',
      'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    ['spec: { rules: null }',
      'spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    ['spec: { rules: [{ host: Bad_, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].host: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { rules: [{ host: "1.2.3.4", http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
    ['spec: { rules: [{ host: "*a.b", http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].host: Invalid value: "*a.b": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character`],
    ['spec: { rules: [{ host: "*", http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].host: Invalid value: "*": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character`],
    ['spec: { rules: [{ host: a.b, http: { paths: [] } }] }',
      'spec.rules[0].http.paths: Required value'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: x, pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].path: Invalid value: "": must be an absolute path'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/a//b", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain '//'`],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/a/../b", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].http.paths[0].path: Invalid value: "/a/../b": must not contain '/../'`],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/a%2fb/.", pathType: Prefix, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      `spec.rules[0].http.paths[0].path: Invalid value: "/a%2fb/.": must not contain '%2f'`,
      `spec.rules[0].http.paths[0].path: Invalid value: "/a%2fb/.": cannot end with '/.'`],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Bad, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "Bad": supported values: "Exact", "ImplementationSpecific", "Prefix"'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: x, pathType: ImplementationSpecific, backend: { service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: {} }] } }] }',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix }] } }] }',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: {} } }] } }] }',
      'spec.rules[0].http.paths[0].backend.service.name: Required value',
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: S_, port: {} } } }] } }] }',
      `spec.rules[0].http.paths[0].backend.service.name: Invalid value: "S_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`,
      'spec.rules[0].http.paths[0].backend: Required value: port name or number is required'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 80, name: a } } } }] } }] }',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { number: 70000 } } } }] } }] }',
      'spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { service: { name: s, port: { name: Bad_ } } } }] } }] }',
      'spec.rules[0].http.paths[0].backend.service.port.name: Invalid value: "Bad_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { resource: { kind: "", name: "" } } }] } }] }',
      'spec.rules[0].http.paths[0].backend.resource.kind: Required value: kind is required',
      'spec.rules[0].http.paths[0].backend.resource.name: Required value: name is required'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { resource: { apiGroup: a.b, kind: K, name: n }, service: { name: s, port: { number: 80 } } } }] } }] }',
      'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both resource and service backends'],
    ['spec: { rules: [{ host: a.b, http: { paths: [{ path: "/", pathType: Prefix, backend: { resource: { apiGroup: Bad_, kind: K/, name: n/ } } }] } }] }',
      `spec.rules[0].http.paths[0].backend.resource.apiGroup: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      `spec.rules[0].http.paths[0].backend.resource.kind: Invalid value: "K/": may not contain '/'`,
      `spec.rules[0].http.paths[0].backend.resource.name: Invalid value: "n/": may not contain '/'`],
    ['spec: { defaultBackend: {} }',
      'spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ['spec: { tls: [{ hosts: [Bad_, "*.a.b", "*."] }] }',
      `spec.tls[0].hosts[0]: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
      `spec.tls[0].hosts[2]: Invalid value: "*.": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character`],
    ['spec: { tls: [{ secretName: Bad_ }] }',
      `spec.tls[0].secretName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { ingressClassName: Bad_ }',
      `spec.ingressClassName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['metadata: { annotations: { kubernetes.io/ingress.class: b } }, spec: { ingressClassName: a }',
      'annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified'],
    ['metadata: { name: Bad_ }',
      `metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(ingress, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('an IngressClass', () => {
  const right = '{ spec: { controller: a.b/c } }'

  it('is right as it is', () => {
    expect(mistakes(ingressClass, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: null',
      'spec.controller: Required value'],
    ['spec: { controller: null }',
      'spec.controller: Required value'],
    ['spec: { controller: x }',
      'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")'],
    ['spec: { controller: Bad_/x }',
      `spec.controller: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { controller: a.b/cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc }',
      'spec.controller: Too long: may not be more than 250 bytes'],
    ['spec: { parameters: {} }',
      'spec.parameters.kind: Required value: kind is required',
      'spec.parameters.name: Required value: name is required'],
    ['spec: { parameters: { apiGroup: Bad_, kind: K, name: n } }',
      `spec.parameters.apiGroup: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { parameters: { apiGroup: a.b, kind: K/, name: n/ } }',
      `spec.parameters.kind: Invalid value: "K/": may not contain '/'`,
      `spec.parameters.name: Invalid value: "n/": may not contain '/'`],
    ['spec: { controller: "a.b/c d" }',
      'spec.controller: Invalid value: "c d": Invalid path'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(ingressClass, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('a NetworkPolicy', () => {
  const right = '{ spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { a: b } } }], ports: [{ port: 80 }] }] } }'

  it('is right as it is', () => {
    expect(mistakes(networkPolicy, right)).toEqual([])
  })

  it.each<Row>([
    ['spec: { podSelector: { matchLabels: { "bad key": a } } }',
      `spec.podSelector.matchLabels: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { podSelector: { matchExpressions: [{ key: a, operator: In }] } }',
      "spec.podSelector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
    ['spec: { policyTypes: [Bad] }',
      'spec.policyTypes[0]: Unsupported value: "Bad": supported values: "Ingress", "Egress"'],
    ['spec: { policyTypes: [Ingress, Egress, Ingress] }',
      'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes'],
    ['spec: { ingress: [{ from: [{}] }] }',
      'spec.ingress[0].from[0]: Required value: must specify a peer'],
    ['spec: { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }] }',
      'spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ['spec: { ingress: [{ from: [{ ipBlock: {} }] }] }',
      'spec.ingress[0].from[0].ipBlock.cidr: Required value'],
    ['spec: { ingress: [{ from: [{ ipBlock: { cidr: x } }] }] }',
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['spec: { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/8"] } }] }] }',
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/8": must be a strict subset of `cidr`'],
    ['spec: { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }] }] }',
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`'],
    ['spec: { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except: [x, "10.1.0.0/16"] } }] }] }',
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['spec: { ingress: [{ ports: [{ port: 0 }] }] }',
      'spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
    ['spec: { ingress: [{ ports: [{ port: Bad_ }] }] }',
      'spec.ingress[0].ports[0].port: Invalid value: "Bad_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    ['spec: { ingress: [{ ports: [{ port: 80, protocol: Bad }] }] }',
      'spec.ingress[0].ports[0].protocol: Unsupported value: "Bad": supported values: "TCP", "UDP", "SCTP"'],
    ['spec: { egress: [{ to: [{}] }] }',
      'spec.egress[0].to[0]: Required value: must specify a peer'],
    ['spec: { egress: [{ ports: [{ port: 70000 }] }] }',
      'spec.egress[0].ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['spec: { egress: [{ to: [{ ipBlock: { cidr: x } }] }] }',
      'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['spec: { ingress: [{ from: [{ namespaceSelector: { matchExpressions: [{ key: a, operator: Bad }] } }] }] }',
      'spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].operator: Invalid value: "Bad": not a valid selector operator'],
    ['spec: { ingress: [{ from: [{ ipBlock: { cidr: "fd00::/8", except: ["10.0.0.0/8"] } }] }] }',
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(networkPolicy, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})
