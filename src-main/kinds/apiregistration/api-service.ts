import { timestamp } from '../../base/clock.ts'
import { each, present, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { APIService, APIServiceSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName, isValidPortNum } from '../validation.ts'

export type { APIService }

/** What a group version answers that this server serves itself. */
export const localCondition = {
  type: 'Available', status: 'True', reason: 'Local', message: 'Local APIServices are always available',
} as const

export const apiService = defineKind<APIService>({
  group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', plural: 'apiservices',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService',
  names: 'path-segment',
  status: true,
  statusKeeps: 'all',
  conditionalUpdate: true,
  default: ({ spec }) => {
    if (spec?.service) spec.service.port ??= 443
  },
  prepareCreate: (object) => {
    if (object.spec?.service) return
    const lastTransitionTime = object.metadata.creationTimestamp ?? timestamp(0)
    object.status = { conditions: [{ ...localCondition, lastTransitionTime }] }
  },
  ownRules: true,
  validate: ({ metadata, spec = { groupPriorityMinimum: 0, versionPriority: 0 }, status }, at) => [
    ...checkName(metadata.name ?? '', spec, at),
    ...checkSpec(spec, at.child('spec')),
    ...each(status?.conditions, at.child('status', 'conditions'), ({ status: is }, here) =>
      ['True', 'False', 'Unknown'].includes(is) ? [] : [here.child('status').notSupported(is, ['True', 'False', 'Unknown'])]),
  ],
  columns: [
    {
      name: 'Service', type: 'string', description: 'The reference to the service that hosts this API endpoint.',
      cell: ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local'),
    },
    { name: 'Available', type: 'string', description: 'Whether this service is available.', cell: showAvailable },
    age,
  ],
})

function checkName(name: string, { group = '', version = '' }: APIServiceSpec, at: FieldPath): FieldError[] {
  const required = `${version}.${group}`
  // what no name can be is said of every name already
  if (name === required || isPathSegmentName(name).length > 0) return []
  return [at.child('metadata', 'name').invalid(name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(required)}`)]
}

function checkSpec(spec: APIServiceSpec, at: FieldPath): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum: ofGroup = 0, versionPriority: ofVersion = 0 } = spec as Partial<APIServiceSpec>
  const errors: FieldError[] = []
  if (group === '' && version !== 'v1') errors.push(at.child('group').required('only v1 may have an empty group and it better be legacy kube'))
  if (group !== '') errors.push(...say(at.child('group'), group, isDNS1123Subdomain(group)))
  errors.push(...say(at.child('version'), version, isDNS1035Label(version)))
  if (!(ofGroup > 0 && ofGroup <= 20_000)) errors.push(at.child('groupPriorityMinimum').invalid(ofGroup, 'must be positive and less than 20000'))
  if (!(ofVersion > 0 && ofVersion <= 1000)) errors.push(at.child('versionPriority').invalid(ofVersion, 'must be positive and less than 1000'))
  return [...errors, ...checkService(spec, at)]
}

function checkService({ service, caBundle = '', insecureSkipTLSVerify: insecure = false }: APIServiceSpec, at: FieldPath): FieldError[] {
  const bundleBytes = Buffer.byteLength(caBundle, 'base64')
  if (!service) {
    return [
      ...(bundleBytes > 0 ? [at.child('caBundle').invalid(`${bundleBytes} bytes`, 'local APIServices may not have a caBundle')] : []),
      ...(insecure ? [at.child('insecureSkipTLSVerify').invalid(true, 'local APIServices may not have insecureSkipTLSVerify')] : []),
    ]
  }
  const { port = 443 } = service
  return [
    ...present(service.namespace, at.child('service', 'namespace')),
    ...present(service.name, at.child('service', 'name')),
    ...isValidPortNum(port).map((sentence) => at.child('service', 'port').invalid(port, `port is not valid: ${sentence}`)),
    ...(insecure && bundleBytes > 0 ? [at.child('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present')] : []),
  ]
}

function showAvailable({ status }: APIService): string {
  const condition = conditionOf(status?.conditions, 'Available')
  if (!condition) return 'Unknown'
  return condition.status === 'True' || !condition.reason ? condition.status : `${condition.status} (${condition.reason})`
}
