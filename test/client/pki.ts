import { createCa, createClientLeaf, createServerLeaf, type KeyPair } from '../../src-main/base/cert.ts'

export interface TestPki {
  readonly ca: string
  readonly server: KeyPair
  readonly client: KeyPair
}

/** A CA with a server's certificate for 127.0.0.1 and one of user `conformance` in `system:masters`. */
export async function createPki(): Promise<TestPki> {
  const now = Date.now()
  const ca = await createCa('test', now)
  return {
    ca: ca.cert,
    server: await createServerLeaf(ca, now),
    client: await createClientLeaf(ca, { name: 'conformance', groups: ['system:masters'] }, now),
  }
}
