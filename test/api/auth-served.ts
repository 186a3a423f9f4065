import { onTestFinished } from 'vitest'
import { createAuthenticator } from '../../src-main/api/authn.ts'
import { createFlowControl } from '../../src-main/api/flow-control/flow-control.ts'
import { createApiServer } from '../../src-main/api/server.ts'
import { createCa, createServerLeaf, type KeyPair } from '../../src-main/base/cert.ts'
import { silent } from '../../src-main/base/log.ts'
import { version } from '../../src-main/base/version.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { type AccessFixture, accessFixture, person } from './auth-fixture.ts'

export interface ServedAccess extends AccessFixture {
  readonly url: string
  readonly ca: KeyPair
}

export const adminToken = 'the-admin-token'

/** The real server with access control as the cluster has it, on a free port of loopback. */
export async function servedAccess(): Promise<ServedAccess> {
  const staticTokens = new Map([[adminToken, person('root', 'system:masters')]])
  const fixture = await accessFixture({ started: true, staticTokens })
  const { access, verbs, clock } = fixture
  const flowControl = await createFlowControl(fixture)
  const ca = await createCa('test', Date.now())
  const leaf = await createServerLeaf(ca, Date.now())
  const api = createApiServer({
    verbs, kinds: new Kinds([...kinds, ...access.virtual.map(({ kind }) => kind)]), clock, log: silent, version,
    node: () => undefined,
    flowControl,
    tls: { ...leaf, ca: ca.cert },
    authenticate: createAuthenticator(staticTokens, { userOfToken: access.userOfToken, anonymous: true }),
    authorize: access.authorize,
    document: access.document,
  })
  const port = await api.listen(0)
  onTestFinished(() => {
    flowControl.close()
    return api.close()
  })
  return { ...fixture, ca, url: `https://127.0.0.1:${port}` }
}
