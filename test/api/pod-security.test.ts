import { describe, expect, test } from 'vitest'
import { PodSecurityMetrics } from '../../src-main/api/admission/pod-security/pod-security-metrics.ts'
import { details, policyOf, violationsOf } from '../../src-main/api/admission/pod-security/policy.ts'
import { exposition } from '../../src-main/api/exposition.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import type { Container, PodSpec } from '../../src-main/kinds/generated/types.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`

async function held(labels: Record<string, string>, podSecurity = new PodSecurityMetrics()) {
  const fixture = await registry({ podSecurity })
  await fixture.verbs.create(namespace, undefined, { metadata: { name: 'shop', labels } }, context())
  const run = async (spec: object, name = 'web') => {
    const asked = context()
    await fixture.verbs.create(pod, 'shop', podNamed(name, structuredClone(spec)), asked)
    return asked.warnings
  }
  return { ...fixture, run }
}

const container = (securityContext: object, more: object = {}) => ({ name: 'c', image: 'busybox', securityContext, ...more })
const privileged = { containers: [container({ privileged: true })] }
const hardened = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [container({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } })],
}

describe('a namespace with Pod Security labels', () => {
  test('refuses what its level forbids, and says all of why', async () => {
    const { run } = await held({ [label('enforce')]: 'baseline' })
    const refused = await refusal(run(privileged))
    expect([refused.code, refused.reason, refused.message]).toEqual([
      403,
      'Forbidden',
      'pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged (container "c" must not set securityContext.privileged=true)',
    ])
    expect(await run({})).toEqual([])
  })

  test('warns of what it does not refuse, for pods and for what would make them', async () => {
    const { run, verbs } = await held({ [label('warn')]: 'restricted', [label('warn-version')]: 'v1.25' })
    const sentence =
      'would violate PodSecurity "restricted:v1.25": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
    expect(await run({})).toEqual([sentence])
    expect(await run(hardened, 'hard')).toEqual([])
    const asked = context()
    const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } } }
    await verbs.create(deployment, 'shop', { metadata: { name: 'web' }, spec }, asked)
    expect(asked.warnings).toEqual([sentence])
  })

  test('is counted with what came of it', async () => {
    const metrics = new PodSecurityMetrics()
    const { run, verbs } = await held({ [label('enforce')]: 'baseline', [label('enforce-version')]: 'v1.99', [label('warn')]: 'restricted' }, metrics)
    await run({})
    await refusal(run(privileged, 'bad'))
    await verbs.create(pod, 'default', podNamed('web'), context())
    const of = (labels: string) => `pod_security_evaluations_total{${labels},request_operation="create",resource="pod",subresource=""} 1`
    expect(exposition(metrics.families()).split('\n').filter((line) => !line.startsWith('#') && line !== '')).toEqual([
      of('decision="allow",mode="enforce",policy_level="baseline",policy_version="future"'),
      of('decision="deny",mode="warn",policy_level="restricted",policy_version="latest"'),
      of('decision="deny",mode="enforce",policy_level="baseline",policy_version="future"'),
      of('decision="allow",mode="enforce",policy_level="privileged",policy_version="latest"'),
    ])
  })

  test('takes only labels it knows, and tells which pods would not be let in any more', async () => {
    const { run, verbs } = await held({})
    await run(privileged, 'a')
    await run(privileged, 'b')
    await run({}, 'c')
    const enforce = (level: string) => {
      const asked = context()
      const body = { metadata: { labels: { [label('enforce')]: level } } }
      return verbs.patch(namespace, { name: 'shop' }, { type: 'merge', body }, asked).then(() => asked.warnings)
    }
    expect((await refusal(enforce('strict'))).message).toBe(
      'Namespace "shop" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    )
    expect(await enforce('baseline')).toEqual([
      'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): privileged',
    ])
    // what runs may still be changed in what is none of security's business
    await verbs.patch(pod, { namespace: 'shop', name: 'a' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context())
    await refusal(run(privileged, 'd'))
  })
})

describe('the standards', () => {
  const said = (level: 'baseline' | 'restricted', spec: object, version = 'latest', annotations = {}) =>
    details(violationsOf({ level, version }, { metadata: { annotations }, spec: spec as PodSpec }))

  test.each<[string, object, string]>([
    ['capabilities', { containers: [container({ capabilities: { add: ['NET_ADMIN', 'CHOWN'] } })] }, 'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)'],
    ['the host', { hostNetwork: true, hostPID: true, containers: [] }, 'host namespaces (hostNetwork=true, hostPID=true)'],
    ['host paths', { volumes: [{ name: 'a', hostPath: { path: '/' } }, { name: 'b', hostPath: { path: '/' } }] }, 'hostPath volumes (volumes "a", "b")'],
    ['host ports', { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080 }] }] }, 'hostPort (container "c" uses hostPort 8080)'],
    ['probes', { containers: [{ name: 'c', livenessProbe: { httpGet: { host: 'example.com', port: 80 } } }] }, 'probe or lifecycle host (container "c" uses probe or lifecycle host "example.com")'],
    ['proc', { containers: [container({ procMount: 'Unmasked' })] }, 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
    ['SELinux', { securityContext: { seLinuxOptions: { type: 'spc_t', user: 'root' } }, containers: [] }, 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)'],
    ['seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } }, containers: [container({ seccompProfile: { type: 'Unconfined' } })] }, 'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Unconfined")'],
    ['sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, 'forbidden sysctls (kernel.msgmax)'],
    ['AppArmor', { containers: [container({ appArmorProfile: { type: 'Unconfined' } })] }, 'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")'],
    ['Windows', { securityContext: { windowsOptions: { hostProcess: true } } }, 'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)'],
  ])('baseline: %s', (_what, spec, sentence) => {
    expect(said('baseline', spec)).toBe(sentence)
  })

  test('restricted says its own sentence where it asks for more than baseline', () => {
    const bad = {
      ...hardened,
      securityContext: { ...hardened.securityContext, runAsUser: 0 },
      containers: [container({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['SYS_TIME'] } })],
      volumes: [{ name: 'a', hostPath: { path: '/' } }, { name: 'b', nfs: {} }, { name: 'c', emptyDir: {} }],
    }
    expect(said('restricted', bad)).toBe(
      'unrestricted capabilities (container "c" must not include "SYS_TIME" in securityContext.capabilities.add), restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs"), runAsUser=0 (pod must not set runAsUser=0)',
    )
  })

  test('grow with the versions of Kubernetes', () => {
    const probing = { containers: [{ name: 'c', livenessProbe: { tcpSocket: { host: 'example.com', port: 80 } } } as Container] }
    expect(said('baseline', probing, 'v1.33')).toBe('')
    expect(said('baseline', probing, 'v1.34')).not.toBe('')
    const windows = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: [container({})] }
    expect(said('restricted', windows)).toBe('')
    expect(said('restricted', windows, 'v1.24')).toContain('allowPrivilegeEscalation != false')
  })

  test('are the strictest for who enforces a level nobody knows', () => {
    expect(policyOf({ [label('enforce')]: 'x', [label('warn')]: 'x' }).policy).toMatchObject({
      enforce: { level: 'restricted', version: 'latest' },
      warn: { level: 'privileged' },
    })
  })
})
