import { isJsonObject } from '../../base/json.ts'
import { nonNegative } from '../checks.ts'
import { age } from '../columns.ts'
import type { ControllerRevision } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { controllerOf } from '../meta.ts'
import { sameValue } from '../same-value.ts'

export type { ControllerRevision }

export const controllerRevision = defineKind<ControllerRevision>({
  group: 'apps', version: 'v1', kind: 'ControllerRevision', plural: 'controllerrevisions',
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  ownRules: true,
  default: (object) => {
    object.revision ??= 0
  },
  validate: ({ data, revision }, at, old) => [
    ...nonNegative(revision, at.child('revision')),
    ...(old || isJsonObject(data) ? [] : [at.child('data').required(data ? 'data must be a valid JSON object' : 'data is mandatory')]),
  ],
  validateUpdate: ({ data }, old, at) => (sameValue(data, old.data) ? [] : [at.child('data').immutable(data)]),
  columns: [
    { name: 'Controller', type: 'string', description: 'Controller of the object', cell: ownerOf },
    { name: 'Revision', type: 'string', of: 'revision', cell: ({ revision }) => revision },
    age,
  ],
})

function ownerOf(object: ControllerRevision): string {
  const owner = controllerOf(object)
  if (!owner) return '<none>'
  const { apiVersion = '', kind = '', name = '' } = owner
  const [group, version] = apiVersion.split('/')
  return `${kind.toLowerCase()}${version ? `.${group}` : ''}/${name}`
}
