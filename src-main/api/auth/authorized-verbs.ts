import type { AnyKind, Verb } from '../../kinds/kind.ts'
import type { ObjectRef } from '../../kinds/meta.ts'
import { type Attributes, type Authorize, denied } from '../authz.ts'
import type { ReadOptions, User, Verbs } from '../verbs.ts'

/** The verbs as far as one user may use them: what a component in this process is given. They reject with a 403 otherwise. */
export function authorizedVerbs(verbs: Verbs, user: User, authorize: Authorize): Verbs {
  function check(verb: Verb, kind: AnyKind, about: Partial<Attributes>): void {
    const attributes = { verb, group: kind.group, version: kind.version, resource: kind.plural, ...about } as Attributes
    const { allowed, reason } = authorize(user, attributes)
    if (!allowed) throw denied(user, attributes, reason)
  }
  const creation = (kind: AnyKind, ref: ObjectRef) => (): void => check('create', kind, ref)
  const many = (verb: Verb, kind: AnyKind, { namespace, fieldSelector }: ReadOptions): void => {
    const name = fieldSelector?.find(({ key, operator }) => key === 'metadata.name' && operator === '=')?.values[0]
    check(verb, kind, { namespace, name, fieldSelector })
  }
  return {
    async get(kind, ref, resourceVersion, subresource) {
      check('get', kind, { ...ref, subresource })
      return verbs.get(kind, ref, resourceVersion, subresource)
    },
    async list(kind, request) {
      many('list', kind, request)
      return verbs.list(kind, request)
    },
    async watch(kind, request, tell, ended) {
      many('watch', kind, request)
      return verbs.watch(kind, request, tell, ended)
    },
    async create(kind, namespace, body, context) {
      check('create', kind, { namespace })
      return verbs.create(kind, namespace, body, context)
    },
    async update(kind, ref, body, context, subresource) {
      check('update', kind, { ...ref, subresource })
      return verbs.update(kind, ref, body, { ...context, verb: 'update', authorizeCreate: creation(kind, ref) }, subresource)
    },
    async patch(kind, ref, patch, context, subresource) {
      check('patch', kind, { ...ref, subresource })
      return verbs.patch(kind, ref, patch, { ...context, verb: 'patch', authorizeCreate: creation(kind, ref) }, subresource)
    },
    async delete(kind, ref, request, context) {
      check('delete', kind, ref)
      return verbs.delete(kind, ref, request, context)
    },
    async deleteCollection(kind, list, request, context) {
      many('deletecollection', kind, list)
      return verbs.deleteCollection(kind, list, request, context)
    },
    async createSubresource(kind, ref, subresource, body, context) {
      check('create', kind, { ...ref, subresource })
      return verbs.createSubresource(kind, ref, subresource, body, context)
    },
    async connect(kind, ref, subresource, options, context) {
      check('create', kind, { ...ref, subresource })
      return verbs.connect(kind, ref, subresource, options, context)
    },
  }
}
