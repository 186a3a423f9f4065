import { isJsonObject } from '../base/json.ts'
import { badRequest } from '../kinds/status-error.ts'
import { checkDryRun } from './request-options.ts'
import type { DeleteRequest } from './verbs.ts'

/**
 * The DeleteOptions in the body of a DELETE; they replace those of the query, as in Kubernetes.
 *
 * @throws StatusError 400 when a field has another type, 422 for a dry run that does not exist
 */
export function deleteOptions(body: unknown): { request: DeleteRequest; dryRun: boolean } {
  if (!isJsonObject(body)) throw wrongType('the body', 'an object')
  if (body['kind'] !== undefined && body['kind'] !== 'DeleteOptions') throw badRequest(`expected DeleteOptions, got ${JSON.stringify(body['kind'])}`)
  const dryRun = body['dryRun'] ?? []
  if (!Array.isArray(dryRun)) throw wrongType('dryRun', 'an array')
  checkDryRun(dryRun, 'DeleteOptions')
  const preconditions = body['preconditions'] ?? undefined
  if (preconditions !== undefined && !isJsonObject(preconditions)) throw wrongType('preconditions', 'an object')
  const request: DeleteRequest = {
    gracePeriodSeconds: of<number>(body, 'gracePeriodSeconds', 'number'),
    propagationPolicy: of<string>(body, 'propagationPolicy', 'string'),
    orphanDependents: of<boolean>(body, 'orphanDependents', 'boolean'),
    preconditions: preconditions && {
      uid: of<string>(preconditions, 'uid', 'string'),
      resourceVersion: of<string>(preconditions, 'resourceVersion', 'string'),
    },
  }
  return { request, dryRun: dryRun.length > 0 }
}

const wrongType = (name: string, type: string) => badRequest(`DeleteOptions in version "v1" cannot be handled as a DeleteOptions: ${name} must be ${type}`)

function of<T>(from: Record<string, unknown>, name: string, type: 'string' | 'number' | 'boolean'): T | undefined {
  const value = Object.hasOwn(from, name) ? from[name] : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value !== type || (type === 'number' && !Number.isSafeInteger(value))) throw wrongType(name, type === 'number' ? 'an integer' : `a ${type}`)
  return value as T
}
