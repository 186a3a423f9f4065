import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ServicePort, ServiceSpec } from '../generated/types.ts'
import { isDNS1123Label, isQualifiedName, isValidPortNum } from '../validation.ts'
import { checkPort } from './probe.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

/** What is wrong with ports, in the three places where Kubernetes looks at them. */
export interface PortErrors {
  readonly missing: readonly FieldError[]
  readonly each: readonly FieldError[]
  readonly together: readonly FieldError[]
}

export function checkServicePorts(spec: ServiceSpec, at: FieldPath): PortErrors {
  const ports = spec.ports ?? []
  const portless = spec.clusterIP === 'None' || spec.type === 'ExternalName'
  const names = new Set<string>()
  return {
    missing: ports.length > 0 || portless ? [] : [at.required()],
    each: each(ports, at, (port, here) => checkServicePort(port, here, ports.length > 1, names)),
    together: [...(spec.type === 'ClusterIP' ? checkNoNodePorts(ports, at) : []), ...checkTwins(ports, at)],
  }
}

/** `names` are those of the ports before; the port's own is added. */
function checkServicePort(port: ServicePort, at: FieldPath, several: boolean, names: Set<string>): FieldError[] {
  const { name, protocol = '', targetPort, appProtocol } = port
  const errors: FieldError[] = []
  if (name) {
    errors.push(...say(at.child('name'), name, isDNS1123Label(name)))
    if (names.has(name)) errors.push(at.child('name').duplicate(name))
    names.add(name)
  } else if (several) errors.push(at.child('name').required())
  errors.push(...say(at.child('port'), port.port ?? 0, isValidPortNum(port.port ?? 0)))
  if (!protocols.includes(protocol)) errors.push(at.child('protocol').notSupported(protocol, protocols))
  if (targetPort !== undefined) errors.push(...checkPort(targetPort, at.child('targetPort')))
  return appProtocol === undefined ? errors : [...errors, ...say(at.child('appProtocol'), appProtocol, isQualifiedName(appProtocol))]
}

const checkNoNodePorts = (ports: readonly ServicePort[], at: FieldPath): FieldError[] =>
  each(ports, at, ({ nodePort }, here) => (nodePort ? [here.child('nodePort').forbidden("may not be used when `type` is 'ClusterIP'")] : []))

/** No two ports may have the same number and protocol, nor the same node port. */
function checkTwins(ports: readonly ServicePort[], at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  const again = (key: string): boolean => seen.has(key) || !seen.add(key)
  return [
    ...each(ports, at, ({ nodePort, protocol }, here) => (nodePort && again(`node ${protocol} ${nodePort}`) ? [here.child('nodePort').duplicate(nodePort)] : [])),
    ...each(ports, at, ({ port, protocol }, here) => (again(`${protocol} ${port}`) ? [here.duplicate({ Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 })] : [])),
  ]
}
