import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Access, createAccess } from '../../src-main/api/auth/access.ts'
import { newSigningKey } from '../../src-main/api/auth/jwt.ts'
import { bootstrap } from '../../src-main/api/bootstrap.ts'
import { createRegistry } from '../../src-main/api/registry.ts'
import type { User, Verbs } from '../../src-main/api/verbs.ts'
import { silent } from '../../src-main/base/log.ts'
import type { PolicyRule, Subject } from '../../src-main/kinds/generated/types.ts'
import { clusterRoleBinding } from '../../src-main/kinds/rbac/cluster-role-binding.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../src-main/kinds/rbac/role-binding.ts'
import { role } from '../../src-main/kinds/rbac/role.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Store } from '../../src-main/store/store.ts'
import { context, TestClock } from './registry-fixture.ts'

export interface AccessFixture {
  readonly access: Access
  readonly verbs: Verbs
  readonly store: Store
  readonly clock: TestClock
}

/** A registry with access control over a real store; `started` writes the default roles. */
export async function accessFixture(options: { started?: boolean; key?: string; staticTokens?: ReadonlyMap<string, User> } = {}): Promise<AccessFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-access-'))
  const store = await openStore({ file: join(dir, 'store.db'), log: silent })
  const clock = new TestClock()
  const access = await createAccess({ store, clock, log: silent, keys: { signing: options.key ?? newSigningKey() }, staticTokens: options.staticTokens })
  onTestFinished(async () => {
    access.close()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const verbs = createRegistry({ store, clock, virtual: access.virtual, plugins: access.plugins, subresources: access.subresources })
  await bootstrap(verbs)
  if (options.started) await access.start(verbs)
  return { access, verbs, store, clock }
}

export const person = (name: string, ...groups: string[]): User => ({ name, groups: [...groups, 'system:authenticated'] })
export const as = (user: User) => context({ user })
export const toUser = (name: string): Subject => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name })
export const toGroup = (name: string): Subject => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name })

export async function addRole(verbs: Verbs, name: string, rules: PolicyRule[], namespace?: string, labels?: object): Promise<void> {
  await verbs.create(namespace ? role : clusterRole, namespace, { metadata: { name, labels }, rules }, context())
}

export async function bind(verbs: Verbs, name: string, to: Subject[], roleName: string, namespace?: string, kind = 'ClusterRole'): Promise<void> {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName }
  await verbs.create(namespace ? roleBinding : clusterRoleBinding, namespace, { metadata: { name }, roleRef, subjects: to }, context())
}

/** `get pods/log in dev named web`, `get apps deployments`, or `get /path` as attributes. */
export function ask(text: string) {
  const [, verb = '', what = '', namespace, name] = /^(\S+) (\S+)(?: in (\S+))?(?: named (\S+))?$/.exec(text) ?? []
  if (what.startsWith('/')) return { verb, path: what }
  const [resources = '', group = ''] = what.split('@')
  const [resource = '', subresource] = resources.split('/')
  return { verb, group, version: 'v1', resource, subresource, namespace, name }
}
