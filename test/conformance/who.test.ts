import { expect } from 'vitest'
import { makeRequest } from '../fixtures/certificate-requests.ts'
import type { Answer } from './caller.ts'
import type { Ask, Row } from './row.ts'
import { describeSection } from './suite.ts'

const { base64: request, key: keyPem } = await makeRequest('O=team, CN=jane', { key: 'rsa' })

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const authorization = '/apis/authorization.k8s.io/v1'
const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const jane = { name: 'jane-{ns}', groups: ['system:authenticated'] }
const node = { name: 'system:node:{ns}', groups: ['system:nodes', 'system:authenticated'] }
const account = (name: string) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } })
const token = (name: string, spec: object = {}): Ask => ({ do: `POST serviceaccounts/${name}/token`, body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec }, save: 'token' })
const bearer = { authorization: 'Bearer {token.status.token}' }
const review = (more: object = {}) => ({ do: 'POST /apis/authentication.k8s.io/v1/tokenreviews', body: { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token: '{token.status.token}', ...more } } })
const whoAmI = { do: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' } }
const rule = (resource: string, ...verbs: string[]) => ({ apiGroups: [''], resources: [resource], verbs })
const granted = (rules: readonly object[], to: { name: string }): Ask[] => [
  { do: `POST ${rbac}/namespaces/{ns}/roles`, body: { metadata: { name: 'r' }, rules } },
  { do: `POST ${rbac}/namespaces/{ns}/rolebindings`, body: { metadata: { name: 'r' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: to.name }] } },
]
const forbidden = (message: string | RegExp) => ({ code: 403, answer: { kind: 'Status', reason: 'Forbidden', message } })
const can = (user: string, attributes: object, more: object = {}) => ({ do: `POST ${authorization}/subjectaccessreviews`, body: { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: { user, resourceAttributes: attributes, ...more } } })
/** The installer's choice. */
const issuer = /^https:\/\/kubernetes\.default\.svc/
const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

const proofs: readonly Row[] = [
  {
    title: 'a request without a token is anonymous, and one with a wrong token is refused',
    needs: 'wire',
    steps: [
      { do: 'GET configmaps', headers: { authorization: '' }, ...forbidden('configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "{ns}"') },
      { do: 'GET /version', headers: { authorization: '' }, answer: { goVersion: /.+/ } },
      { do: 'GET configmaps', headers: { authorization: 'Bearer wrong' }, code: 401, answer: { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized', code: 401 } },
    ],
  },
  {
    title: 'a static token is its user', needs: 'wire', since: 28,
    steps: [{ ...whoAmI, answer: { status: { userInfo: { username: /.+/, groups: expect.arrayContaining(['system:masters', 'system:authenticated']) as unknown } } } }],
  },
  {
    title: 'a bound token of a service account is that account, until its account has gone',
    needs: 'wire', given: [account('robot')],
    steps: [
      { ...token('robot', { expirationSeconds: 3600 }), answer: { kind: 'TokenRequest', status: { token: /^[\w-]+\.[\w-]+\.[\w-]+$/, expirationTimestamp: /Z$/ } } },
      { do: 'GET configmaps', headers: bearer, ...forbidden('configmaps is forbidden: User "system:serviceaccount:{ns}:robot" cannot list resource "configmaps" in API group "" in the namespace "{ns}"') },
      { ...review(), answer: { status: { authenticated: true, user: { username: 'system:serviceaccount:{ns}:robot', uid: '{robot.metadata.uid}', groups: ['system:serviceaccounts', 'system:serviceaccounts:{ns}', 'system:authenticated'] }, audiences: [issuer] } } },
      { do: 'DELETE serviceaccounts/robot' },
      { do: 'GET configmaps', headers: bearer, code: 401, until: true },
      { ...review(), answer: { status: { authenticated: undefined, error: /.+/ } }, until: true },
    ],
  },
  {
    title: 'a token says whose it is, for whom, and how long', given: [account('robot')],
    steps: [{ ...token('robot', { audiences: ['vault'], expirationSeconds: 700 }), also: ({ body }: Answer) => {
      const claims = claimsOf((body as { status: { token: string } }).status.token)
      expect(claims).toMatchObject({ aud: ['vault'], iss: expect.stringMatching(issuer) as unknown, 'kubernetes.io': { serviceaccount: { name: 'robot' } } })
      expect(Number(claims['exp']) - Number(claims['iat'])).toBe(700)
    } }],
  },
  {
    title: 'a token for somebody else opens no door here, and is reviewed for whom it is', needs: 'wire', given: [account('robot')],
    steps: [
      token('robot', { audiences: ['vault'] }),
      { do: 'GET configmaps', headers: bearer, code: 401 },
      { ...review({ audiences: ['vault', 'other'] }), answer: { status: { authenticated: true, audiences: ['vault'] } } },
      { ...review({ audiences: ['other'] }), answer: { status: { authenticated: undefined } } },
    ],
  },
  {
    title: 'a token request is validated', given: [account('robot')],
    steps: [{ ...token('robot', { expirationSeconds: 10 }), code: 422, answer: { reason: 'Invalid', message: /spec\.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes/ } }],
  },
  {
    title: 'the keys of tokens are published', since: 21,
    steps: [
      { do: 'GET /.well-known/openid-configuration', answer: { issuer, jwks_uri: /\/openid\/v1\/jwks$/, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: [/^(RS|ES)256$/] }, answerHeaders: { 'content-type': /^application\/json/ } },
      { do: 'GET /openid/v1/jwks', answer: { keys: [{ use: 'sig', kty: /^(RSA|EC)$/, alg: /^(RS|ES)256$/, kid: /.+/ }] }, answerHeaders: { 'content-type': 'application/jwk-set+json' } },
    ],
  },
  {
    title: 'a bootstrap token is its user and its groups', needs: 'wire', since: 28,
    steps: [
      { do: 'POST /api/v1/namespaces/kube-system/secrets', body: { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', 'auth-extra-groups': 'system:bootstrappers:team' } } },
      { ...whoAmI, headers: { authorization: 'Bearer abcdef.0123456789abcdef' }, answer: { status: { userInfo: { username: 'system:bootstrap:abcdef', groups: expect.arrayContaining(['system:bootstrappers', 'system:bootstrappers:team', 'system:authenticated']) as unknown } } } },
      { ...whoAmI, headers: { authorization: 'Bearer abcdef.ffffffffffffffff' }, code: 401, answer: { reason: 'Unauthorized' } },
      { do: 'DELETE /api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef' },
    ],
  },
  {
    title: 'who may not have something is not told whether it exists', needs: 'wire',
    steps: [
      { do: 'GET /api/v1/things', as: jane, ...forbidden('things is forbidden: User "jane-{ns}" cannot list resource "things" in API group "" at the cluster scope') },
      { do: 'GET /apis/example.com/v1/namespaces/{ns}/things/a', as: jane, ...forbidden('things.example.com "a" is forbidden: User "jane-{ns}" cannot get resource "things" in API group "example.com" in the namespace "{ns}"') },
      { do: 'GET /api/v1/watch/namespaces/{ns}/things', as: jane, ...forbidden(/^things is forbidden: User "[^"]+" cannot watch resource "things" in API group "" in the namespace/) },
      { do: 'POST pods/a', as: jane, body: {}, ...forbidden('pods "a" is forbidden: User "jane-{ns}" cannot create resource "pods" in API group "" in the namespace "{ns}"') },
      { do: 'DELETE pods/a/log', as: jane, ...forbidden('pods "a" is forbidden: User "jane-{ns}" cannot delete resource "pods/log" in API group "" in the namespace "{ns}"') },
      { do: 'GET namespaces/{ns}/nothing', as: jane, ...forbidden(/cannot get resource "namespaces\/nothing"/) },
      { do: 'GET /api/v1/things', code: 404 },
      { do: 'DELETE pods/a/log', code: 405 },
    ],
  },
  {
    title: 'who may impersonate is another user, and who may not is told so', needs: 'wire', since: 36, given: [account('robot')],
    steps: [
      { ...whoAmI, headers: { 'impersonate-user': 'jane', 'impersonate-group': 'devs', 'impersonate-extra-acme.com%2fproject': 'x' }, answer: { status: { userInfo: { username: 'jane', groups: ['devs', 'system:authenticated'], extra: { 'acme.com/project': ['x'] } } } } },
      token('robot'),
      { do: 'GET configmaps', headers: { ...bearer, 'impersonate-user': 'jane' }, ...forbidden('configmaps is forbidden: User "system:serviceaccount:{ns}:robot" cannot impersonate-on:user-info:list resource "configmaps" in API group "" in the namespace "{ns}"') },
    ],
  },
  {
    title: 'an approved certificate request is signed, and its owner logs in with it', needs: 'wire',
    steps: [
      { do: `POST ${csrs}`, body: { metadata: { name: '{ns}' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth', 'digital signature', 'key encipherment'] } }, save: 'csr', answer: { status: {} } },
      { do: `PATCH ${csrs}/{ns}/approval`, type: 'merge', body: { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: 'known' }] } }, answer: { status: { conditions: [{ type: 'Approved' }] } } },
      { do: `GET ${csrs}/{ns}`, answer: { status: { certificate: /.+/ } }, save: 'csr', until: true },
      { do: 'GET configmaps', cert: { certificate: '{csr.status.certificate}', keyPem }, ...forbidden('configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "{ns}"') },
      { do: `DELETE ${csrs}/{ns}` },
    ],
  },
  {
    title: 'a certificate request is as its author says it, and its approval is another\'s',
    steps: [
      { do: `POST ${csrs}`, body: { metadata: { name: '{ns}' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], username: 'root' } }, as: { name: 'system:admin', groups: ['system:masters', 'system:authenticated'] }, answer: { spec: { username: 'system:admin' } } },
      { do: `PATCH ${csrs}/{ns}`, type: 'merge', body: { status: { conditions: [{ type: 'Approved', status: 'True' }] } }, answer: { status: { conditions: undefined } } },
      { do: `DELETE ${csrs}/{ns}` },
      { do: `POST ${csrs}`, body: { metadata: { name: '{ns}-s' }, spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['server auth'] } }, code: 201 },
      { do: `DELETE ${csrs}/{ns}-s` },
    ],
  },
]

const rights: readonly Row[] = [
  {
    title: 'a role grants what it says, where it is bound, and no more',
    given: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }],
    steps: [
      { do: 'GET configmaps/c', as: jane, ...forbidden('configmaps "c" is forbidden: User "jane-{ns}" cannot get resource "configmaps" in API group "" in the namespace "{ns}"') },
      ...granted([rule('configmaps', 'get')], jane),
      { do: 'GET configmaps/c', as: jane, until: true },
      { do: 'DELETE configmaps/c', as: jane, ...forbidden(/cannot delete resource "configmaps"/) },
      { do: 'GET /api/v1/namespaces/default/configmaps/c', as: jane, ...forbidden(/in the namespace "default"$/) },
    ],
  },
  {
    title: 'the default roles and bindings are there',
    steps: [
      ...['cluster-admin', 'admin', 'edit', 'view', 'system:basic-user', 'system:discovery', 'system:public-info-viewer', 'system:node', 'system:kube-scheduler', 'system:kube-controller-manager', 'system:node-proxier', 'system:auth-delegator', 'system:persistent-volume-provisioner', 'system:monitoring', 'system:controller:job-controller'].map((name) => ({ do: `GET ${rbac}/clusterroles/${name}`, answer: { metadata: { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' }, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } } } })),
      { do: `GET ${rbac}/clusterrolebindings/cluster-admin`, answer: { roleRef: { name: 'cluster-admin' }, subjects: [{ kind: 'Group', name: 'system:masters' }] } },
      { do: `GET ${rbac}/namespaces/kube-system/roles/extension-apiserver-authentication-reader`, answer: { rules: [{ resourceNames: ['extension-apiserver-authentication'] }] } },
    ],
  },
  {
    title: 'a role that aggregates has the rules of those it selects', needs: 'controllers',
    steps: [
      { do: `POST ${rbac}/clusterroles`, body: { metadata: { name: 'all-{ns}' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: '{ns}' } }] }, rules: [] } },
      { do: `POST ${rbac}/clusterroles`, body: { metadata: { name: 'part-{ns}', labels: { part: '{ns}' } }, rules: [rule('pods', 'get')] } },
      { do: `GET ${rbac}/clusterroles/all-{ns}`, answer: { rules: [rule('pods', 'get')] }, until: true },
      { do: `DELETE ${rbac}/clusterroles/all-{ns}` }, { do: `DELETE ${rbac}/clusterroles/part-{ns}` },
    ],
  },
  {
    title: 'nobody grants what they have not, unless they may escalate and bind',
    steps: [
      ...granted([{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create', 'update', 'get'] }, rule('pods', 'get')], jane),
      { do: `POST ${rbac}/namespaces/{ns}/roles`, as: jane, body: { metadata: { name: 'small' }, rules: [rule('pods', 'get')] }, until: true },
      { do: `POST ${rbac}/namespaces/{ns}/roles`, as: jane, body: { metadata: { name: 'big' }, rules: [rule('secrets', 'get')] }, ...forbidden(/^roles\.rbac\.authorization\.k8s\.io "big" is forbidden: user "jane-[^"]+" \(groups=\["system:authenticated"\]\) is attempting to grant RBAC permissions not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\], Verbs:\["get"\]\}$/) },
      { do: `POST ${rbac}/namespaces/{ns}/rolebindings`, as: jane, body: { metadata: { name: 'big' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' }, subjects: [] }, ...forbidden(/is attempting to grant RBAC permissions not currently held:/) },
      { do: `PATCH ${rbac}/namespaces/{ns}/roles/r`, type: 'json', body: [{ op: 'add', path: '/rules/-', value: { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'clusterroles'], verbs: ['escalate', 'bind'] } }] },
      { do: `POST ${rbac}/namespaces/{ns}/roles`, as: jane, body: { metadata: { name: 'big' }, rules: [rule('secrets', 'get')] }, until: true },
      { do: `POST ${rbac}/namespaces/{ns}/rolebindings`, as: jane, body: { metadata: { name: 'big' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' }, subjects: [] } },
    ],
  },
]

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }
const mirror = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: '{ns}', containers: [{ name: 'a', image: 'b' }], ...spec } })

const nodes: readonly Row[] = [
  {
    title: 'a node reads the secrets of its own pods only', since: 24, given: [secret, { ...secret, metadata: { name: 'other' } }, { apiVersion: 'v1', kind: 'Node', metadata: { name: '{ns}' } }],
    steps: [
      { do: 'GET secrets/s', as: node, code: 403, answer: { message: /secrets "s" is forbidden: User "system:node:[^"]+" cannot get resource "secrets" in API group "" in the namespace "[^"]+": no relationship found between node '[^']+' and this object$/ } },
      { do: 'POST pods', body: { metadata: { name: 'p' }, spec: { nodeName: '{ns}', volumes: [{ name: 's', secret: { secretName: 's' } }], containers: [{ name: 'a', image: 'b' }] } } },
      { do: 'GET secrets/s', as: node, until: true },
      { do: 'GET secrets/other', as: node, code: 403 },
      { do: 'DELETE pods/p?gracePeriodSeconds=0' },
      { do: 'DELETE /api/v1/nodes/{ns}' },
    ],
  },
  {
    title: 'a node changes itself only, and only what is its own', given: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: '{ns}' } }, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'other-{ns}' } }],
    steps: [
      { do: 'PATCH /api/v1/nodes/{ns}/status', as: node, type: 'merge', body: { status: { capacity: { cpu: '1' } } }, until: true },
      { do: 'PATCH /api/v1/nodes/other-{ns}/status', as: node, type: 'merge', body: { status: {} }, ...forbidden(/is not allowed to modify node "other-|can only (access|update)|cannot patch resource "nodes\/status"/) },
      { do: 'PATCH /api/v1/nodes/{ns}', as: node, type: 'merge', body: { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } }, ...forbidden(/^nodes "[^"]+" is forbidden: is not allowed to modify labels: node-restriction\.kubernetes\.io\/a$/) },
      { do: 'PATCH /api/v1/nodes/{ns}', as: node, type: 'merge', body: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, ...forbidden(/is not allowed to modify taints$/) },
      { do: 'DELETE /api/v1/nodes/other-{ns}' }, { do: 'DELETE /api/v1/nodes/{ns}' },
    ],
  },
  {
    title: 'a node makes mirror pods on itself only', since: 24, given: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: '{ns}' } }],
    steps: [
      { do: 'POST pods', as: node, body: { ...mirror({}), metadata: { name: 'p' } }, ...forbidden(/^pods "p" is forbidden: pod does not have "kubernetes\.io\/config\.mirror" annotation, node "[^"]+" can only create mirror pods$/) },
      { do: 'POST pods', as: node, body: mirror({ nodeName: 'other' }), ...forbidden(/^pods "mirror" is forbidden: node "[^"]+" can only create pods with spec\.nodeName set to itself$/) },
      { do: 'DELETE /api/v1/nodes/{ns}' },
    ],
  },
]

const reviews: readonly Row[] = [
  {
    title: 'a subject access review tells what somebody may',
    steps: [
      ...granted([rule('configmaps', 'get')], jane),
      { ...can('jane-{ns}', { namespace: '{ns}', verb: 'get', resource: 'configmaps' }), answer: { status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "r/{ns}" of Role "r" to User "jane-{ns}"' } }, until: true },
      { ...can('jane-{ns}', { namespace: '{ns}', verb: 'list', resource: 'configmaps' }), answer: { status: { allowed: false } } },
      { ...can('nobody', {}, { groups: ['system:masters'] }), answer: { status: { allowed: true } } },
      { do: `POST ${authorization}/subjectaccessreviews`, body: { spec: { user: 'jane' } }, code: 422, answer: { message: /spec\.resourceAttributes: Invalid value: .*: exactly one of nonResourceAttributes or resourceAttributes must be specified/ } },
    ],
  },
  {
    title: 'a local subject access review is about its own namespace',
    steps: [
      ...granted([rule('configmaps', 'get')], jane),
      { do: `POST ${authorization}/namespaces/{ns}/localsubjectaccessreviews`, body: { metadata: { namespace: '{ns}' }, spec: { user: 'jane-{ns}', resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'configmaps' } } }, answer: { status: { allowed: true } }, until: true },
      { do: `POST ${authorization}/namespaces/{ns}/localsubjectaccessreviews`, body: { metadata: { namespace: '{ns}' }, spec: { user: 'jane-{ns}', resourceAttributes: { namespace: 'default', verb: 'get', resource: 'configmaps' } } }, code: 422, answer: { details: { causes: [{ field: 'spec.resourceAttributes.namespace', message: 'Invalid value: "default": must match metadata.namespace' }] } } },
    ],
  },
  {
    title: 'the reviews of oneself tell what one may, and list it',
    steps: [
      ...granted([rule('configmaps', 'get', 'list')], jane),
      { do: `POST ${authorization}/selfsubjectaccessreviews`, as: jane, body: { spec: { resourceAttributes: { namespace: '{ns}', verb: 'get', resource: 'configmaps' } } }, answer: { status: { allowed: true } }, until: true },
      { do: `POST ${authorization}/selfsubjectaccessreviews`, as: jane, body: { spec: { nonResourceAttributes: { path: '/metrics', verb: 'get' } } }, answer: { status: { allowed: false } } },
      {
        do: `POST ${authorization}/selfsubjectrulesreviews`, as: jane, body: { spec: { namespace: '{ns}' } },
        answer: { status: { incomplete: false, resourceRules: expect.arrayContaining([{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }]) as unknown, nonResourceRules: expect.arrayContaining([expect.objectContaining({ nonResourceURLs: expect.arrayContaining(['/version']) as unknown })]) as unknown } },
      },
    ],
  },
]

describeSection('who', [...proofs, ...rights, ...nodes, ...reviews])
