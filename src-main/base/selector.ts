export type Labels = Readonly<Record<string, string>>

/** One requirement of a selector; a field selector uses `=`, `!=` alone. */
export interface Requirement {
  readonly key: string
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!'
  readonly values: readonly string[]
}

/** All requirements must hold; none selects everything. */
export type Selector = readonly Requirement[]

/** The shape of metav1.LabelSelector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: Array<{ key: string; operator: string; values?: string[] }>
}

const key = String.raw`([A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)`
const value = String.raw`([A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`
const equality = new RegExp(String.raw`^${key}\s*(==|=|!=)\s*${value}$`)
const membership = new RegExp(String.raw`^${key}\s+(in|notin)\s*\(([^()]*)\)$`)
const existence = new RegExp(String.raw`^(!?)\s*${key}$`)

/**
 * Parses the text of a `labelSelector` parameter: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 *
 * @throws Error with a sentence when the text is not a selector
 */
export function parseSelector(text: string): Selector {
  return splitTopLevel(text).map((part) => {
    const set = membership.exec(part)
    if (set) {
      return { key: set[1] ?? '', operator: set[2] as 'in' | 'notin', values: (set[3] ?? '').split(',').map((v) => v.trim()) }
    }
    const equal = equality.exec(part)
    if (equal) return { key: equal[1] ?? '', operator: equal[2] === '!=' ? '!=' : '=', values: [equal[3] ?? ''] }
    const exists = existence.exec(part)
    if (exists) return { key: exists[2] ?? '', operator: exists[1] ? '!' : 'exists', values: [] }
    throw new Error(`unable to parse requirement: ${JSON.stringify(part)} is not a label selector`)
  })
}

/**
 * Parses the text of a `fieldSelector` parameter: `metadata.name=web,status.phase!=Running`.
 *
 * @throws Error with a sentence when the text is not a selector
 */
export function parseFieldSelector(text: string): Selector {
  return text.split(',').filter((part) => part !== '').map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part)
    if (!match) throw new Error(`invalid selector: ${JSON.stringify(part)}; can't understand it`)
    return { key: match[1] ?? '', operator: match[2] === '!=' ? '!=' : '=', values: [match[3] ?? ''] }
  })
}

function splitTopLevel(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === undefined || (c === ',' && depth === 0)) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return parts.length === 1 && parts[0] === '' ? [] : parts
}

const operators: Readonly<Record<string, Requirement['operator']>> = {
  In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!',
}

/** The selector of a workload's `spec.selector`. An absent one selects nothing, an empty one everything. */
export function labelSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return undefined
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([name, wanted]): Requirement => ({ key: name, operator: '=', values: [wanted] }),
  )
  const expressions = (selector.matchExpressions ?? []).map(
    (e): Requirement => ({ key: e.key, operator: operators[e.operator] ?? 'exists', values: e.values ?? [] }),
  )
  return [...equal, ...expressions]
}

/** Whether the labels (or the selectable fields) meet every requirement. */
export function matches(selector: Selector | undefined, labels: Labels | undefined): boolean {
  if (!selector) return false
  return selector.every((requirement) => {
    const has = labels !== undefined && Object.hasOwn(labels, requirement.key)
    const actual = has ? (labels[requirement.key] ?? '') : ''
    switch (requirement.operator) {
      case '=':
      case 'in':
        return has && requirement.values.includes(actual)
      case '!=':
      case 'notin':
        return !has || !requirement.values.includes(actual)
      case 'exists':
        return has
      case '!':
        return !has
    }
  })
}
