import { describe, expect, it } from 'vitest'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { type EndpointSlice, endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { endpointSliceV1Beta1 } from '../../src-main/kinds/discovery/endpoint-slice-v1beta1.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { briefly, changed, mistakes, prepared } from './prepared.ts'

type Row = [change: string, ...errors: string[]]

describe('a Service', () => {
  const right = '{ spec: { ports: [{ port: 80 }] } }'

  it('is right as it is', () => {
    expect(mistakes(service, right)).toEqual([])
  })

  it.each<Row>([
    ['metadata: { name: A }',
      `metadata.name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['metadata: { name: "1a" }'],
    ['metadata: { name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }',
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters'],
    ['spec: null',
      'spec.ports: Required value'],
    ['spec: { ports: null }',
      'spec.ports: Required value'],
    ['spec: { ports: [] }',
      'spec.ports: Required value'],
    ['spec: { ports: [{ port: 0 }] }',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive'],
    ['spec: { ports: [{ port: 70000 }] }',
      'spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['spec: { ports: [{ port: 80 }, { port: 81 }] }',
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value'],
    ['spec: { ports: [{ name: a, port: 80 }, { name: a, port: 81 }] }',
      'spec.ports[1].name: Duplicate value: "a"'],
    ['spec: { ports: [{ name: a, port: 80 }, { name: b, port: 80 }] }',
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}'],
    ['spec: { ports: [{ name: A_, port: 80 }] }',
      `spec.ports[0].name: Invalid value: "A_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['spec: { ports: [{ name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, port: 80 }] }',
      'spec.ports[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters'],
    ['spec: { ports: [{ port: 80, protocol: HTTP }] }',
      'spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
    ['spec: { ports: [{ port: 80, targetPort: 70000 }] }',
      'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['spec: { ports: [{ port: 80, targetPort: BAD_NAME }] }',
      'spec.ports[0].targetPort: Invalid value: "BAD_NAME": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.ports[0].targetPort: Invalid value: "BAD_NAME": must contain at least one letter (a-z)'],
    ['spec: { ports: [{ port: 80, targetPort: "123" }] }',
      'spec.ports[0].targetPort: Invalid value: "123": must contain at least one letter (a-z)'],
    ['spec: { ports: [{ port: 80, targetPort: aaaaaaaaaaaaaaaa }] }',
      'spec.ports[0].targetPort: Invalid value: "aaaaaaaaaaaaaaaa": must be no more than 15 characters'],
    ['spec: { ports: [{ port: 80, nodePort: 30000 }] }',
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ['spec: { ports: [{ name: a, port: 80, nodePort: 30100 }, { name: b, port: 81, nodePort: 30100 }], type: NodePort }',
      'spec.ports[1].nodePort: Duplicate value: 30100'],
    ['spec: { type: Bad }',
      'spec.type: Unsupported value: "Bad": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    ['spec: { sessionAffinity: Bad }',
      'spec.sessionAffinity: Unsupported value: "Bad": supported values: "ClientIP", "None"'],
    ['spec: { sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } }',
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400'],
    ['spec: { sessionAffinity: ClientIP, sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } } }',
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400'],
    ['spec: { clusterIP: x }',
      'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['spec: { clusterIP: None, type: NodePort }',
      `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
    ['spec: { clusterIP: None, type: LoadBalancer }',
      `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for LoadBalancer services`],
    ['spec: { clusterIPs: ["10.96.1.1"] }',
      'spec.clusterIPs: Invalid value: ["10.96.1.1"]: must be empty when `clusterIP` is not specified'],
    ['spec: { clusterIP: "10.96.1.1", clusterIPs: ["10.96.1.2"] }',
      'spec.clusterIPs: Invalid value: ["10.96.1.2"]: first value must match `clusterIP`'],
    ['spec: { clusterIPs: ["10.96.1.1", "10.96.1.1"] }',
      'spec.clusterIPs: Invalid value: ["10.96.1.1","10.96.1.1"]: must be empty when `clusterIP` is not specified',
      'spec.clusterIPs: Invalid value: ["10.96.1.1","10.96.1.1"]: may specify no more than one IP for each IP family'],
    ['spec: { clusterIPs: [None, "10.96.1.1"] }',
      'spec.clusterIPs: Invalid value: ["None","10.96.1.1"]: must be empty when `clusterIP` is not specified',
      `spec.clusterIPs: Invalid value: ["None","10.96.1.1"]: 'None' must be the first and only value`],
    ['spec: { clusterIPs: ["10.96.1.1", "fd00::1", "fd00::2"] }',
      'spec.clusterIPs: Invalid value: ["10.96.1.1","fd00::1","fd00::2"]: must be empty when `clusterIP` is not specified',
      'spec.clusterIPs: Invalid value: ["10.96.1.1","fd00::1","fd00::2"]: may only hold up to 2 values',
      'spec.clusterIPs: Invalid value: ["10.96.1.1","fd00::1","fd00::2"]: may specify no more than one IP for each IP family'],
    ['spec: { clusterIP: "", clusterIPs: [x] }',
      'spec.clusterIPs: Invalid value: ["x"]: must be empty when `clusterIP` is not specified',
      'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['spec: { clusterIPs: [None] }',
      'spec.clusterIPs: Invalid value: ["None"]: must be empty when `clusterIP` is not specified'],
    ['spec: { type: ExternalName }',
      'spec.externalName: Required value'],
    ['spec: { type: ExternalName, externalName: BAD_ }',
      `spec.externalName: Invalid value: "BAD_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['spec: { type: ExternalName, externalName: a.b, clusterIP: "10.96.1.3" }',
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
    ['spec: { type: ExternalName, externalName: a.b, clusterIP: None }',
      'spec.clusterIPs: Forbidden: may not be set for ExternalName services'],
    ['spec: { type: ExternalName, externalName: a.b, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack }',
      'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
      'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services'],
    ['spec: { externalIPs: [x] }',
      'spec.externalIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['spec: { externalIPs: ["127.0.0.1"] }',
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['spec: { externalIPs: ["0.0.0.0", "169.254.1.1", "224.0.0.1", "::1", "1.2.3.4"] }',
      'spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
      'spec.externalIPs[1]: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'spec.externalIPs[2]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'spec.externalIPs[3]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['spec: { selector: { "bad key": v } }',
      `spec.selector: Invalid value: "bad key": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { selector: { a: "bad value" } }',
      `spec.selector: Invalid value: "bad value": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { externalTrafficPolicy: Local }',
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ['spec: { type: NodePort, externalTrafficPolicy: Bad }',
      'spec.externalTrafficPolicy: Unsupported value: "Bad": supported values: "Cluster", "Local"'],
    ['spec: { type: LoadBalancer, healthCheckNodePort: 31234 }',
      "spec.healthCheckNodePort: Invalid value: 31234: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
    ['spec: { healthCheckNodePort: 31234 }',
      "spec.healthCheckNodePort: Invalid value: 31234: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
    ['spec: { type: NodePort, externalTrafficPolicy: Local, healthCheckNodePort: 31234 }',
      "spec.healthCheckNodePort: Invalid value: 31234: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
    ['spec: { type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: -1 }',
      'spec.healthCheckNodePort: Invalid value: -1: must be between 1 and 65535, inclusive'],
    ['spec: { loadBalancerSourceRanges: ["10.0.0.0/8"] }',
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ['spec: { type: LoadBalancer, loadBalancerSourceRanges: [x, "10.0.0.0/8"] }',
      'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['metadata: { annotations: { service.beta.kubernetes.io/load-balancer-source-ranges: x } }, spec: { type: LoadBalancer }',
      'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['metadata: { annotations: { service.beta.kubernetes.io/load-balancer-source-ranges: "10.0.0.0/8" } }',
      "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ['spec: { allocateLoadBalancerNodePorts: true }',
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ['spec: { ipFamilyPolicy: Bad }',
      'spec.ipFamilyPolicy: Unsupported value: "Bad": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"'],
    ['spec: { ipFamilies: [Bad] }',
      'spec.ipFamilies[0]: Unsupported value: "Bad": supported values: "IPv4", "IPv6"'],
    ['spec: { ipFamilies: [IPv4, IPv4] }',
      'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    ['spec: { ports: [{ port: 80, appProtocol: "Bad!" }] }',
      `spec.ports[0].appProtocol: Invalid value: "Bad!": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['spec: { loadBalancerClass: x }',
      "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
    ['spec: { internalTrafficPolicy: Bad }',
      'spec.internalTrafficPolicy: Unsupported value: "Bad": supported values: "Cluster", "Local"'],
    ['spec: { trafficDistribution: Bad }',
      'spec.trafficDistribution: Unsupported value: "Bad": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(service, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('an Endpoints', () => {
  const right = '{ subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }'

  it('is right as it is', () => {
    expect(mistakes(endpoints, right)).toEqual([])
  })

  it.each<Row>([
    ['subsets: [{}]',
      'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
    ['subsets: [{ addresses: [{ ip: x }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address'],
    ['subsets: [{ addresses: [{ ip: "127.0.0.1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['subsets: [{ addresses: [{ ip: "0.0.0.0" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)'],
    ['subsets: [{ addresses: [{ ip: "169.254.1.1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    ['subsets: [{ addresses: [{ ip: "224.0.0.1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
    ['subsets: [{ addresses: [{}], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].addresses[0].ip: Invalid value: "": must be a valid IP address'],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1", hostname: Bad_ }], ports: [{ port: 80 }] }]',
      `subsets[0].addresses[0].hostname: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1", nodeName: Bad_ }], ports: [{ port: 80 }] }]',
      `subsets[0].addresses[0].nodeName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }, { port: 81 }] }]',
      'subsets[0].ports[0].name: Required value',
      'subsets[0].ports[1].name: Required value'],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 0 }] }]',
      'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ name: Bad_, port: 80 }] }]',
      `subsets[0].ports[0].name: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, protocol: Bad }] }]',
      'subsets[0].ports[0].protocol: Unsupported value: "Bad": supported values: "SCTP", "TCP", "UDP"'],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80, appProtocol: "Bad!" }] }]',
      `subsets[0].ports[0].appProtocol: Invalid value: "Bad!": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }], notReadyAddresses: [{ ip: x }] }]',
      'subsets[0].notReadyAddresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[0].notReadyAddresses[0].ip: Invalid value: "x": must be a valid IP address'],
    ['subsets: [{ ports: [{ port: 80 }] }]',
      'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
    ['subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, port: 80 }] }]',
      'subsets[0].ports[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters'],
    ['subsets: [{ addresses: [{ ip: "fe80::1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    ['subsets: [{ addresses: [{ ip: "ff02::1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "ff02::1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
    ['subsets: [{ addresses: [{ ip: "::1" }], ports: [{ port: 80 }] }]',
      'subsets[0].addresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(endpoints, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })
})

describe('an EndpointSlice', () => {
  const right = '{ addressType: IPv4, endpoints: [{ addresses: ["10.0.0.1"] }], ports: [{ port: 80 }] }'

  it('is right as it is', () => {
    expect(mistakes(endpointSlice, right)).toEqual([])
  })

  it.each<Row>([
    ['addressType: Bad',
      'addressType: Unsupported value: "Bad": supported values: "FQDN", "IPv4", "IPv6"'],
    ['addressType: null',
      'addressType: Required value'],
    ['addressType: ""',
      'addressType: Required value'],
    ['endpoints: [{ addresses: [] }]',
      'endpoints[0].addresses: Required value: must contain at least 1 address'],
    ['endpoints: [{}]',
      'endpoints[0].addresses: Required value: must contain at least 1 address'],
    ['endpoints: [{ addresses: [x] }]',
      'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['endpoints: [{ addresses: ["127.0.0.1"] }]',
      'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['endpoints: [{ addresses: ["fd00::1"] }]',
      'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address'],
    ['addressType: IPv6',
      'endpoints[0].addresses: Invalid value: "10.0.0.1": must be an IPv6 address'],
    ['addressType: IPv6, endpoints: [{ addresses: ["::1"] }]',
      'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['addressType: FQDN, endpoints: [{ addresses: [Bad_] }]',
      `endpoints[0].addresses[0]: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['endpoints: [{ addresses: ["10.0.0.1"], hostname: Bad_ }]',
      `endpoints[0].hostname: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['ports: [{ port: 80 }, { port: 81 }]',
      'ports[1].name: Duplicate value: ""'],
    ['ports: [{ name: a, port: 80 }, { name: a, port: 81 }]',
      'ports[1].name: Duplicate value: "a"'],
    ['ports: [{ name: Bad_, port: 80 }]',
      `ports[0].name: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`],
    ['ports: [{ port: 80, protocol: Bad }]',
      'ports[0].protocol: Unsupported value: "Bad": supported values: "SCTP", "TCP", "UDP"'],
    ['ports: [{ port: 80, appProtocol: "Bad!" }]',
      `ports[0].appProtocol: Invalid value: "Bad!": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`],
    ['ports: [{ name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, port: 1 }]',
      'ports[0].name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters'],
    ['endpoints: [{ addresses: ["10.0.0.1"], nodeName: Bad_ }]',
      `endpoints[0].nodeName: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
    ['metadata: { name: Bad_ }',
      `metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`],
  ])('is refused with %s', (change, ...errors) => {
    expect(mistakes(endpointSlice, changed(right, `{ ${change} }`)).map(briefly)).toEqual(errors)
  })

  it('may keep the addresses that it has, right or not, and not change them', () => {
    const [old, relabelled, changedToo] = ['[{ addresses: ["010.0.0.1"] }]', '[{ addresses: ["010.0.0.1"] }]', '[{ addresses: ["010.0.0.2"] }]'].map((at) => prepared(endpointSlice, changed(right, `{ endpoints: ${at} }`)))
    const said = (slice: KubeObject | undefined): string[] => (endpointSlice.validate?.(slice as never, new FieldPath(), old as never) ?? []).map(({ field, message }) => `${field}: ${message}`)
    expect(said(relabelled)).toEqual([])
    expect(said(changedToo)).toEqual(['endpoints[0].addresses[0]: Invalid value: "010.0.0.2": must not have leading 0s'])
  })

  it('has no topology but what it had, unless v1beta1 says one', () => {
    const given = changed(right, '{ endpoints: [{ addresses: ["10.0.0.1"], deprecatedTopology: { a: b } }] }')
    const topologies = (slice: KubeObject) => (slice as EndpointSlice).endpoints?.map(({ deprecatedTopology }) => deprecatedTopology)
    const [made, same, more] = [given, given, changed(given, '{ endpoints: [{ addresses: ["10.0.0.2"], deprecatedTopology: { a: b } }] }')].map((manifest) => prepared(endpointSlice, manifest) as EndpointSlice)
    endpointSlice.prepareUpdate?.(same!, prepared(endpointSlice, given) as EndpointSlice, 0)
    endpointSlice.prepareUpdate?.(more!, prepared(endpointSlice, given) as EndpointSlice, 0)
    endpointSlice.prepareCreate?.(made!)
    expect([made!, same!, more!].map(topologies)).toEqual([[undefined], [{ a: 'b' }], [undefined]])
    expect(endpointSliceV1Beta1.prepareCreate).toBeUndefined()
  })
})
