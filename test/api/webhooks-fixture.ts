import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { MatchConditionMetrics } from '../../src-main/api/admission/match-condition-metrics.ts'
import { createWebhookAdmission, type WebhookAdmission } from '../../src-main/api/admission/webhooks/webhooks.ts'
import type { Authorize } from '../../src-main/api/authz.ts'
import { createRegistry, type RegistryDependencies } from '../../src-main/api/registry.ts'
import { createWebhookCaller, type WebhookCaller } from '../../src-main/api/webhooks/call.ts'
import { createCa, createServerLeaf, type KeyPair } from '../../src-main/base/cert.ts'
import { silent } from '../../src-main/base/log.ts'
import { notFound } from '../../src-main/kinds/status-error.ts'
import { mutatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/mutating-webhook-configuration.ts'
import { validatingWebhookConfiguration } from '../../src-main/kinds/admissionregistration/validating-webhook-configuration.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { context, type Fixture, registry } from './registry-fixture.ts'

/** What a webhook was sent; a test knows what it asked. */
export interface Review {
  readonly kind: string
  readonly apiVersion: string
  readonly request: Record<string, unknown> & { readonly uid: string }
}

export type Handler = (review: Review, req: IncomingMessage, res: ServerResponse) => object | undefined

export interface HookServer {
  readonly ca: KeyPair
  /** Base64 of PEM. */
  readonly caBundle: string
  readonly port: number
  readonly connections: () => number
  /** By path. A handler that returns nothing answers itself, or never. */
  readonly handlers: Map<string, Handler>
  /** Everything that came, in order. */
  readonly reviews: Array<{ readonly path: string; readonly review: Review }>
  readonly caller: WebhookCaller
}

let authority: Promise<{ ca: KeyPair; leaf: KeyPair }> | undefined
async function makeAuthority(): Promise<{ ca: KeyPair; leaf: KeyPair }> {
  const ca = await createCa('webhooks', Date.now())
  return { ca, leaf: await createServerLeaf(ca, Date.now(), ['hooks.default.svc']) }
}

/** A real HTTPS server on loopback with its own authority; it is the Service `hooks` in `default`. */
export async function hookServer(): Promise<HookServer> {
  const { ca, leaf } = await (authority ??= makeAuthority())
  const handlers = new Map<string, Handler>()
  const reviews: HookServer['reviews'] = []
  let connections = 0
  const server = createServer(leaf, (req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const path = (req.url ?? '').split('?')[0]!
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Review
      reviews.push({ path, review })
      const answer = handlers.get(path)?.(review, req, res)
      if (answer) res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  server.on('secureConnection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const caller = createWebhookCaller({
    dialService: async (namespace, name) => {
      if (namespace !== 'default' || name !== 'hooks') throw notFound(service, name)
      return connect(port, '127.0.0.1')
    },
  })
  onTestFinished(async () => {
    caller.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { ca, caBundle: Buffer.from(ca.cert).toString('base64'), port, connections: () => connections, handlers, reviews, caller }
}

/** The answer to a review, in its version. */
export const respond = ({ apiVersion, request }: Review, response: object): object => ({ kind: 'AdmissionReview', apiVersion, response: { uid: request.uid, allowed: true, ...response } })
export const allow: Handler = (review) => respond(review, {})
export const deny = (status?: object, more: object = {}): Handler => (review) => respond(review, { allowed: false, ...(status ? { status } : {}), ...more })
export const patch = (...operations: object[]): Handler => (review) =>
  respond(review, { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') })

export interface Hooked extends Fixture, HookServer {
  readonly admission: WebhookAdmission
  /** What the match conditions of all came to. */
  readonly conditions: MatchConditionMetrics
  /** Configures one webhook that is the server's `/<name>`, for ConfigMaps unless its rules say otherwise. */
  validating(name: string, more?: object): Promise<void>
  mutating(name: string, more?: object): Promise<void>
  /** Reviews that came at `/<name>`. */
  sent(name: string): Array<Review['request']>
}

export const rule = (resources: string[], operations: string[] = ['*'], apiGroups: string[] = ['*'], apiVersions: string[] = ['*']) =>
  ({ apiGroups, apiVersions, operations, resources })

/** A registry whose webhooks are asked as in the cluster. */
export async function hooked({ authorize, ...more }: Partial<RegistryDependencies> & { authorize?: Authorize } = {}): Promise<Hooked> {
  const fixture = await registry()
  const server = await hookServer()
  const conditions = new MatchConditionMetrics()
  const admission = createWebhookAdmission({ store: fixture.store, caller: server.caller, conditions, log: silent, ...(authorize ? { authorize } : {}) })
  onTestFinished(() => admission.close())
  const verbs = createRegistry({ store: fixture.store, clock: fixture.clock, ...more, reviewers: [...(more.reviewers ?? []), admission.reviewer] })
  await admission.start()
  const webhook = (name: string, own: object) => ({
    name: `${name}.example.com`,
    rules: [rule(['configmaps'])],
    clientConfig: { service: { namespace: 'default', name: 'hooks', path: `/${name}` }, caBundle: server.caBundle },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    ...own,
  })
  return {
    ...fixture, ...server, verbs, admission, conditions,
    async validating(name, own = {}) {
      await verbs.create(validatingWebhookConfiguration, undefined, { metadata: { name }, webhooks: [webhook(name, own)] }, context())
    },
    async mutating(name, own = {}) {
      await verbs.create(mutatingWebhookConfiguration, undefined, { metadata: { name }, webhooks: [webhook(name, own)] }, context())
    },
    sent: (name) => server.reviews.filter(({ path }) => path === `/${name}`).map(({ review }) => review.request),
  }
}
