import { age, showSome } from '../columns.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EndpointSubset, Endpoints } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isValidIP, isValidPortName, isValidPortNum } from '../validation.ts'

export type { Endpoints }

export const endpoints = defineKind<Endpoints>({
  group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], singular: 'endpoints',
  namespaced: true,
  createOnUpdate: true,
  schema: 'io.k8s.api.core.v1.Endpoints',
  default: ({ subsets }) => {
    for (const port of (subsets ?? []).flatMap((subset) => subset.ports ?? [])) port.protocol ??= 'TCP'
  },
  validate: ({ subsets }, at) => each(subsets, at.child('subsets'), checkSubset),
  columns: [{ name: 'Endpoints', type: 'string', cell: ({ subsets }) => showSome((subsets ?? []).flatMap(addressesOf), '<none>') }, age],
})

function checkSubset(subset: EndpointSubset, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!subset.addresses?.length && !subset.notReadyAddresses?.length) errors.push(at.required('must specify `addresses` or `notReadyAddresses`'))
  for (const list of ['addresses', 'notReadyAddresses'] as const) {
    errors.push(...each(subset[list], at.child(list), ({ ip }, here) => say(here.child('ip'), ip ?? '', isValidIP(ip ?? ''))))
  }
  const several = (subset.ports?.length ?? 0) > 1
  return [...errors, ...each(subset.ports, at.child('ports'), ({ name, port }, here) => [
    ...(name ? say(here.child('name'), name, isValidPortName(name)) : several ? [here.child('name').required()] : []),
    ...say(here.child('port'), port ?? 0, isValidPortNum(port ?? 0)),
  ])]
}

function addressesOf({ addresses = [], ports }: EndpointSubset): string[] {
  const withPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)
  if (!ports?.length) return addresses.map(({ ip }) => ip)
  return ports.flatMap(({ port }) => addresses.map(({ ip = '' }) => withPort(ip, port)))
}
