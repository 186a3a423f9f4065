import { defineKind } from './kind.ts'
import type { KubeObject } from './meta.ts'

/** What one node's proxy did for one Service since it started. Computed, never stored. Same name as the Service. */
export interface ServiceTraffic extends KubeObject {
  status: { ports: TrafficPort[] }
}

export interface TrafficPort {
  name?: string
  port: number
  protocol: 'TCP' | 'UDP' | 'SCTP'
  balance: 'round-robin' | 'random'
  sessionAffinity: 'None' | 'ClientIP'
  /** `127.0.0.1:41234`: the proxy's own socket, reachable from this machine whatever the privilege. */
  listen: string
  /** Ways in, and whether each works; `message` says in a plain sentence why not. */
  access: Array<{ type: 'ClusterIP' | 'NodePort'; address: string; available: boolean; message?: string }>
  endpoints: EndpointTraffic[]
}

export interface EndpointTraffic {
  /** `10.0.0.7:8080` */
  address: string
  /** Name of the pod in the Service's namespace, when the endpoint is one. */
  pod?: string
  ready: boolean
  connections: number
  active: number
  failures: number
  /** From the endpoint. */
  bytesReceived: number
  /** To the endpoint. */
  bytesSent: number
  /** Of connecting, over the last 100 connections, in milliseconds. */
  connectMs?: number
}

/** Chosen per Service: `wheelhouse.dev/balance: random`; round robin unless said. */
export const balanceAnnotation = 'wheelhouse.dev/balance'

export const serviceTraffic = defineKind<ServiceTraffic>({
  group: 'traffic.wheelhouse.dev', version: 'v1', kind: 'ServiceTraffic', plural: 'servicetraffics', shortNames: ['traffic'],
  namespaced: true,
  schema: 'dev.wheelhouse.traffic.v1.ServiceTraffic',
  verbs: ['get', 'list', 'watch'],
  columns: [
    { name: 'Endpoints', type: 'integer', cell: (t) => t.status.ports.reduce((n, p) => n + p.endpoints.length, 0) },
    { name: 'Connections', type: 'integer', cell: (t) => total(t, (e) => e.connections) },
    { name: 'Failures', type: 'integer', cell: (t) => total(t, (e) => e.failures) },
  ],
})

const total = (traffic: ServiceTraffic, count: (endpoint: EndpointTraffic) => number): number =>
  traffic.status.ports.reduce((sum, port) => sum + port.endpoints.reduce((n, endpoint) => n + count(endpoint), 0), 0)
