import type { AdmissionPlugin } from '../admission/chain.ts'
import { type Authorize, denied } from '../authz.ts'

/** A PUT or an apply of what is not there creates it: only for who may create. */
export const createOnWrite = (authorize: Authorize): AdmissionPlugin => ({
  name: 'CreateOnWrite',
  validate({ operation, kind, namespace, name, context: { user, verb } }) {
    if (operation !== 'CREATE' || (verb !== 'update' && verb !== 'patch')) return
    const attributes = {
      verb: 'create',
      group: kind.group,
      version: kind.version,
      resource: kind.plural,
      namespace,
      name,
    }
    const { allowed, reason } = authorize(user, attributes)
    if (!allowed) throw denied(user, attributes, reason)
  },
})
