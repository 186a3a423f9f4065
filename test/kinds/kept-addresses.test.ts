import { describe, expect, it } from 'vitest'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import { networkPolicy } from '../../src-main/kinds/networking/network-policy.ts'
import { briefly, prepared } from './prepared.ts'

const lines = (errors: ReturnType<NonNullable<AnyKind['validate']>> = []): string[] => errors.map(({ field, message }) => briefly(`${field}: ${message}`))

const balanced = (ranges: string, status = ''): string => `{spec: {type: LoadBalancer, ports: [{port: 80}], clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1], ipFamilies: [IPv4], loadBalancerSourceRanges: [${ranges}]}${status}}`
const balancer = (ip: string): string => balanced('10.0.0.0/8', `, status: {loadBalancer: {ingress: [{ip: "${ip}"}]}}`)
const blocked = (cidr: string): string => `spec: {ingress: [{from: [{ipBlock: {cidr: ${cidr}, except: [10.1.0.1/16]}}]}]}`
const served = (ip: string): string => `{spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}, status: {loadBalancer: {ingress: [{ip: "${ip}"}]}}}`

const withAddress = (ip: string): string => `{spec: {containers: [{name: a, image: a}]}, status: {podIPs: [{ip: "${ip}"}]}}`

type Row = readonly [kind: AnyKind, kept: string, other: string, mistake: string]
const named = (...rows: Row[]) => rows.map((row) => [row[0].kind, ...row] as const)

describe('an address or range that is written as it may not be any more', () => {
  it.each(named(
    [service, balanced('10.0.0.1/8'), balanced('10.0.0.2/8'), 'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.2/8": must not have bits set beyond the prefix length'],
    [networkPolicy, blocked('010.0.0.0/8'), blocked('011.0.0.0/8'), 'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "011.0.0.0/8": must not have leading 0s in IP or prefix length'],
    [ingress, served('010.0.0.1'), served('010.0.0.2'), 'status.loadBalancer.ingress[0].ip: Invalid value: "010.0.0.2": must not have leading 0s'],
  ))('stays in a %s that changes otherwise', (_name, kind, kept, other, mistake) => {
    const old = prepared(kind, kept)
    const said = (manifest: string): string[] => lines(kind.validate?.(prepared(kind, manifest), new FieldPath(), old))
    expect(said(kept)).toEqual([])
    expect(said(other)).toContain(mistake)
    expect(lines(kind.validate?.(old, new FieldPath()))).not.toEqual([])
  })

  it.each(named(
    [service, balancer('010.0.0.1'), balancer('010.0.0.2'), 'status.loadBalancer.ingress[0].ip: Invalid value: "010.0.0.2": must not have leading 0s'],
    [pod, withAddress('010.0.0.1'), withAddress('010.0.0.2'), 'status.podIPs[0]: Invalid value: "010.0.0.2": must not have leading 0s'],
  ))('stays in the status of a %s', (_name, kind, kept, other, mistake) => {
    const said = (manifest: string): string[] => lines(kind.validatePart?.('status', prepared(kind, manifest), prepared(kind, kept), new FieldPath()))
    expect(said(kept)).toEqual([])
    expect(said(other)).toEqual([mistake])
  })
})

describe('who writes an address of a status as it is hardly written', () => {
  const unusual = (at: string): string => `${at}: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")`

  it.each<readonly [name: string, kind: AnyKind, manifest: string, warnings: string[]]>([
    ['Service', service, balancer('FD00::1'), [unusual('status.loadBalancer.ingress[0]')]],
    ['Ingress', ingress, served('FD00::1'), [unusual('status.loadBalancer.ingress[0]')]],
    ['Pod', pod, 'status: {podIPs: [{ip: "FD00::1"}, {ip: 10.0.0.1}], hostIPs: [{ip: "FD00::1"}]}', [unusual('status.podIPs[0].ip'), unusual('status.hostIPs[0].ip')]],
  ])('of a %s is told so', (_name, kind, manifest, warnings) => {
    expect(kind.warnPart?.('status', prepared(kind, manifest))).toEqual(warnings)
  })

  it('of an EndpointSlice is told so too, but for the controllers that write most of them, and of names once', () => {
    const slice = (more: string) => prepared(endpointSlice, `{addressType: IPv6, endpoints: [{addresses: ["FD00::1"]}]${more}}`) as Parameters<NonNullable<typeof endpointSlice.warn>>[0]
    expect(endpointSlice.warn?.(slice(''), slice(''))).toEqual([unusual('endpoints[0].addresses[0]')])
    expect(endpointSlice.warn?.(slice(', metadata: {labels: {endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}}'))).toEqual([])
    const names = prepared(endpointSlice, '{addressType: FQDN, endpoints: [{addresses: [a.b]}]}') as ReturnType<typeof slice>
    expect([endpointSlice.warn?.(names), endpointSlice.warn?.(names, names)]).toEqual([['spec.addressType: FQDN endpoints are deprecated'], []])
  })
})
