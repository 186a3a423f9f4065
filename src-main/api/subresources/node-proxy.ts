import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { badRequest, internal, methodNotAllowed, notFound, unavailable } from '../../kinds/status-error.ts'
import { send } from '../respond.ts'
import { decodeSegment, type ResourceRoute } from '../route.ts'
import { serveLog } from './log.ts'
import type { PodDoors } from './pod-target.ts'
import { parseProxyName } from './proxy-name.ts'

/** Where a kubelet listens. */
const kubeletPort = '10250'

/** Answers what the kubelet of a node would, at `nodes/<name>[:port]/proxy/...`: its read endpoints. */
export async function serveNodeProxy(route: ResourceRoute, req: IncomingMessage, res: ServerResponse, doors: PodDoors): Promise<void> {
  const { name, port } = parseProxyName(route.name ?? '', 'node')
  await doors.verbs.get(route.kind, { name })
  if (port !== '' && port !== kubeletPort) throw unavailable(`error trying to reach service: nothing listens on port ${port} of node ${JSON.stringify(name)}`)
  const node = doors.node(name)
  if (!node) throw internal(`error dialing backend: node ${JSON.stringify(name)} is not connected`)
  if (req.method !== 'GET' && req.method !== 'HEAD') throw methodNotAllowed()
  const path = route.tail || '/'
  if (path.startsWith('/containerLogs/')) return containerLogs(path, name, route, req, res, doors)
  const document = node.document(path)
  if (!document) return send(req, res, 404, 'text/plain; charset=utf-8', Buffer.from('404 page not found\n'))
  if (typeof document.body === 'string') return send(req, res, 200, document.type, Buffer.from(document.body))
  res.writeHead(200, { 'Content-Type': document.type })
  await pipeline(document.body, res)
}

/** `/containerLogs/<namespace>/<pod>/<container>`, with the parameters of `pods/log`. */
async function containerLogs(path: string, nodeName: string, route: ResourceRoute, req: IncomingMessage, res: ServerResponse, doors: PodDoors): Promise<void> {
  const [, , namespace = '', name = '', container = ''] = path.split('/').map(decodeSegment)
  if (!namespace || !name || !container) throw badRequest('Missing podID, namespace or container!')
  const { spec } = (await doors.verbs.get(podKind, { namespace, name })).object as KubeObject as Pod
  if (spec?.nodeName !== nodeName) throw notFound(podKind, name)
  const query = new URLSearchParams(route.query)
  query.set('container', container)
  return serveLog({ ...route, kind: podKind, namespace, name, query }, req, res, doors)
}
