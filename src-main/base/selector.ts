export type Labels = Readonly<Record<string, string>>

/** One requirement of a selector; a field selector uses `=`, `!=` alone, and only the text of a label selector `>` and `<`. */
export interface Requirement {
  readonly key: string
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'
  readonly values: readonly string[]
}

/** All requirements must hold; none selects everything. */
export type Selector = readonly Requirement[]

/** The shape of metav1.LabelSelector. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: Array<{ key: string; operator: string; values?: string[] }>
}

/**
 * Parses the text of a `fieldSelector` parameter: `metadata.name=web,status.phase!=Running`. In a value, a backslash takes
 * its meaning from a comma, an equals sign and a backslash.
 *
 * @throws Error with Kubernetes' sentence when the text is not a selector
 */
export function parseFieldSelector(text: string): Selector {
  const terms = text.match(/(?:\\[^]|[^,\\])+\\?|\\/g) ?? []
  return terms.sort().map((term) => {
    const match = /^([^=!]*(?:!(?!=)[^=!]*)*)(!=|==|=)([^]*)$/.exec(term)
    if (!match) throw new Error(`invalid selector: '${text}'; can't understand '${term}'`)
    return { key: match[1] ?? '', operator: match[2] === '!=' ? '!=' : '=', values: [unescaped(match[3] ?? '')] }
  })
}

function unescaped(value: string): string {
  return value.replace(/\\([^]?)|=/g, (found, escaped: string | undefined) => {
    if (escaped === undefined) throw new Error(`invalid field selector: unescaped character in value: ${found.charCodeAt(0)}`)
    if (!['\\', ',', '='].includes(escaped)) throw new Error(`invalid field selector: invalid escape sequence: ${found}`)
    return escaped
  })
}

const operators: ReadonlyMap<string, Requirement['operator']> = new Map([['In', 'in'], ['NotIn', 'notin'], ['Exists', 'exists'], ['DoesNotExist', '!']])

/** The selector of a workload's `spec.selector`. An absent one selects nothing, an empty one everything. */
export function labelSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return undefined
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([name, wanted]): Requirement => ({ key: name, operator: '=', values: [wanted] }),
  )
  const expressions = (selector.matchExpressions ?? []).map(
    (e): Requirement => ({ key: e.key, operator: operators.get(e.operator) ?? 'exists', values: e.values ?? [] }),
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
      case '>':
      case '<':
        return has && compares(requirement.operator, actual, requirement.values[0] ?? '')
    }
  })
}

/** Both as whole numbers; what is none is neither greater nor less. */
function compares(operator: '>' | '<', actual: string, than: string): boolean {
  if (!/^[-+]?\d{1,18}$/.test(actual)) return false
  const [left, right] = [BigInt(actual.replace('+', '')), BigInt(than.replace('+', ''))]
  return operator === '>' ? left > right : left < right
}
