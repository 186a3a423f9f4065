import type { PolicyRule } from '../../kinds/generated/types.ts'
import type { Attributes } from '../authz.ts'

const has = (list: readonly string[] | undefined, wanted: string): boolean =>
  list !== undefined && (list.includes('*') || list.includes(wanted))

/** Whether one rule of a role allows what is asked: rbac.RuleAllows of Kubernetes. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false
  if ('path' in attributes) return rule.nonResourceURLs?.some((url) => urlCovers(url, attributes.path)) ?? false
  const { group, resource, subresource = '', name = '' } = attributes
  const what = subresource ? `${resource}/${subresource}` : resource
  return (
    has(rule.apiGroups, group) &&
    resourceCovered(rule.resources, what) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(name))
  )
}

/** `*` alone is every URL; at the end of a path it is everything below. */
function urlCovers(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

/** `*` is every resource with its subresources, `*\/scale` that subresource of each. */
function resourceCovered(resources: readonly string[] | undefined, what: string): boolean {
  if (has(resources, what)) return true
  const slash = what.indexOf('/')
  return slash >= 0 && (resources?.includes(`*${what.slice(slash)}`) ?? false)
}

/** The rules of `wanted`, each split to its smallest parts, that `owned` does not give: none when all are covered. */
export const uncovered = (owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(split).filter((part) => !owned.some((rule) => ruleCovers(rule, part)))

const hasAll = (owned: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean =>
  (wanted ?? []).every((each) => has(owned, each))

function ruleCovers(owned: PolicyRule, part: PolicyRule): boolean {
  const namesCovered =
    !owned.resourceNames?.length ||
    (!!part.resourceNames?.length && part.resourceNames.every((name) => owned.resourceNames!.includes(name)))
  return (
    namesCovered &&
    hasAll(owned.verbs, part.verbs) &&
    hasAll(owned.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((what) => resourceCovered(owned.resources, what)) &&
    (part.nonResourceURLs ?? []).every((path) => owned.nonResourceURLs?.some((url) => urlCovers(url, path)) ?? false)
  )
}

/** One verb on one resource of one group, or on one URL; a rule that names objects keeps each name apart. */
function split({
  apiGroups = [],
  resources = [],
  resourceNames,
  nonResourceURLs = [],
  verbs,
}: PolicyRule): PolicyRule[] {
  const names = resourceNames?.length ? resourceNames : [undefined]
  return [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          names.map((name) => ({
            apiGroups: [group],
            resources: [resource],
            ...(name === undefined ? {} : { resourceNames: [name] }),
            verbs: [verb],
          })),
        ),
      ),
    ),
    ...nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] }))),
  ]
}

/** Split rules with the verbs of the same thing together again. */
export function compact(parts: readonly PolicyRule[]): PolicyRule[] {
  const byThing = new Map<string, PolicyRule>()
  for (const { verbs, ...thing } of parts) {
    const key = JSON.stringify(thing)
    const known = byThing.get(key)
    if (known) known.verbs.push(...verbs.filter((verb) => !known.verbs.includes(verb)))
    else byThing.set(key, { ...thing, verbs: [...verbs] })
  }
  return [...byThing.values()]
}

/** As Kubernetes writes a rule into a refusal: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function ruleText(rule: PolicyRule): string {
  const fields = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  return `{${fields.flatMap(([name, values]) => (values?.length ? [`${name}:${quoted(values)}`] : [])).join(', ')}}`
}

export const quoted = (values: readonly string[]): string =>
  `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
