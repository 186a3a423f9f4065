import { present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource } from '../generated/types.ts'
import { isConfigMapKey, isDNS1123Label, isDNS1123Subdomain, type Sentences } from '../validation.ts'

/** Where a kubelet's configuration is from. Nobody reads it any more, and its rules hold for changes of a node. */
export function checkNodeConfig({ spec, status }: Node, at: FieldPath): FieldError[] {
  const reported = (['assigned', 'active', 'lastKnownGood'] as const).flatMap((name) =>
    checkSource(status?.config?.[name], at.child('status', 'config', name), checkReported))
  return [...checkSource(spec?.configSource, at.child('spec', 'configSource'), checkWished), ...reported]
}

type Rule = (source: ConfigMapNodeConfigSource, at: FieldPath) => FieldError[]

function checkSource(source: NodeConfigSource | undefined, at: FieldPath, check: Rule): FieldError[] {
  if (!source) return []
  if (!source.configMap) return [at.invalid({ ConfigMap: null }, 'exactly one reference subfield must be non-nil')]
  return [...check(source.configMap, at.child('configMap')), ...checkConfigMap(source.configMap, at.child('configMap'))]
}

const wished = ['uid', 'resourceVersion'] as const

const checkWished: Rule = (source, at) => wished.flatMap((name) => (source[name] ? [at.child(name).forbidden(`${name} must not be set in spec`)] : []))

const checkReported: Rule = (source, at) => wished.flatMap((name) => present(source[name], at.child(name)))

const rules: ReadonlyArray<readonly ['namespace' | 'name' | 'kubeletConfigKey', (value: string) => Sentences]> =
  [['namespace', isDNS1123Label], ['name', isDNS1123Subdomain], ['kubeletConfigKey', isConfigMapKey]]

const checkConfigMap: Rule = (source, at) => rules.flatMap(([name, rule]) => {
  const value = source[name] ?? ''
  return value === '' ? [at.child(name).required()] : say(at.child(name), value, rule(value))
})
