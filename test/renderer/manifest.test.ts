import { describe, expect, it } from 'vitest'
import type { Deployment, Pod } from '../../src-main/kinds/generated/types.ts'
import { parseObjects, toYaml } from '../../src-renderer/components/resource/yaml.ts'
import { buildService, checkExpose, exposeFormOf } from '../../src-renderer/components/service/expose.ts'
import { buildWorkload, checkWorkload, emptyForm, splitCommand, type WorkloadForm } from '../../src-renderer/components/workload/manifest.ts'

const form = (more: Partial<WorkloadForm> = {}): WorkloadForm => ({ ...emptyForm('default'), name: 'web', image: 'busybox:1.37', ...more })

describe('a command line', () => {
  it.each([
    ['httpd -f -p 8080', ['httpd', '-f', '-p', '8080']],
    [`sh -c "echo 'a b'; sleep 1"`, ['sh', '-c', "echo 'a b'; sleep 1"]],
    [`  a\\ b   ''  "x\\"y" `, ['a b', '', 'x"y']],
    [`'a\\b'`, ['a\\b']],
    ['', []],
  ])('%s is split as a shell would', (text, words) => expect(splitCommand(text)).toEqual(words))
})

describe('the manifest of a workload', () => {
  it('leaves out whatever was left empty', () => {
    expect(buildWorkload(form())).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'busybox:1.37' }] } },
      },
    })
  })

  it('carries command, port, environment, pull policy and resources into the container', () => {
    const made = buildWorkload(form({
      command: 'httpd -f', port: '8080', pullPolicy: 'Never', env: [{ name: 'A', value: '1' }, { name: '', value: '' }], cpuRequest: ' 50m ', memoryLimit: '64Mi',
    })) as Deployment
    expect(made.spec?.template.spec?.containers).toEqual([{
      name: 'web', image: 'busybox:1.37', imagePullPolicy: 'Never', command: ['httpd', '-f'], ports: [{ containerPort: 8080 }], env: [{ name: 'A', value: '1' }],
      resources: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } },
    }])
  })

  it('has a plain selector for a ReplicationController and none for a Pod', () => {
    expect(buildWorkload(form({ kind: 'ReplicationController' }))).toMatchObject({ apiVersion: 'v1', spec: { selector: { app: 'web' } } })
    const pod = buildWorkload(form({ kind: 'Pod' })) as Pod
    expect(Object.keys(pod.spec ?? {})).toEqual(['containers'])
  })

  it('is YAML without aliases, which reads back as the same object', () => {
    const made = buildWorkload(form({ env: [{ name: 'YES', value: 'yes' }, { name: 'N', value: '1' }] }))
    const text = toYaml(made)
    expect(text).not.toMatch(/[&*]a1/)
    expect(parseObjects(text)).toEqual([made])
  })

  it('says which field is wrong, and nothing about a good form', () => {
    expect(checkWorkload(form({ command: 'x', port: '80', cpuLimit: '1.5' }))).toEqual({})
    expect(Object.keys(checkWorkload(form({ name: 'Web!', image: '', port: '70000', memoryRequest: '64 megs', env: [{ name: '1x', value: '' }] }))).sort()).toEqual(
      ['env', 'image', 'memoryRequest', 'name', 'port'],
    )
  })
})

describe('the manifest of a Service', () => {
  const workload = buildWorkload(form({ port: '8080' })) as Deployment

  it('is guessed from the workload', () => {
    expect(buildService(exposeFormOf(workload), workload)).toEqual({
      apiVersion: 'v1', kind: 'Service',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
      spec: { type: 'ClusterIP', selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 8080 }] },
    })
  })

  it('says random balancing as an annotation, and affinity and node port in its spec', () => {
    const made = buildService({ ...exposeFormOf(workload), type: 'NodePort', nodePort: '30080', balance: 'random', affinity: 'ClientIP' }, workload)
    expect(made.metadata.annotations).toEqual({ 'wheelhouse.dev/balance': 'random' })
    expect(made.spec).toMatchObject({ type: 'NodePort', sessionAffinity: 'ClientIP', ports: [{ nodePort: 30080 }] })
  })

  it('refuses a node port outside the range and a name that DNS cannot carry', () => {
    expect(Object.keys(checkExpose({ ...exposeFormOf(workload), name: '1web', type: 'NodePort', nodePort: '8080' })).sort()).toEqual(['name', 'nodePort'])
  })
})

describe('a file of objects', () => {
  it('may hold several, with empty documents between', () => {
    expect(parseObjects('---\n---\napiVersion: v1\nkind: A\nmetadata: {}\n---\napiVersion: v1\nkind: B\nmetadata: {}\n').map((o) => o.kind)).toEqual(['A', 'B'])
  })

  it('is refused with a sentence when it is no object or no YAML', () => {
    expect(() => parseObjects('just text')).toThrow('An object needs apiVersion, kind and metadata.')
    expect(() => parseObjects('a: [1,')).toThrow(/line 1/)
  })
})
