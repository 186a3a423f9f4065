/**
 * What Kubernetes says about a text or number in a wrong form: the checks of k8s.io/apimachinery/pkg/util/validation.
 * Each answers with its sentences, none when the value is right.
 */
export type Sentences = readonly string[]

const none: Sentences = []

/** Kubernetes counts one thing under two names: bytes of labels and their keys, characters of everything else. */
const maxLength = (length: number, unit: 'bytes' | 'characters'): string => `must be no more than ${length} ${unit}`

const pattern = (sentence: string, regex: string, ...examples: string[]): string => {
  const listed = examples.map((example) => `'${example}', `).join(' or ')
  return `${sentence} (${listed === '' ? '' : `e.g. ${listed}`}regex used for validation is '${regex}')`
}

interface Form {
  readonly regex: string
  readonly sentence: string
  readonly examples: readonly string[]
  readonly max?: number
  readonly unit?: 'bytes' | 'characters'
}

/** A check of one form; far longer text is not even matched, so that no pattern can take long. */
function form({ regex, sentence, examples, max = Infinity, unit = 'characters' }: Form): (value: string) => Sentences {
  const whole = new RegExp(`^(?:${regex})$`)
  const mismatch = pattern(sentence, regex, ...examples)
  return (value) => {
    const long = value.length > max ? [maxLength(max, unit)] : none
    if (value.length > 1024 && long.length > 0) return long
    return whole.test(value) ? long : [...long, mismatch]
  }
}

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain1123 = String.raw`${label1123}(\.${label1123})*`
const labelKey = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const dns1123Label = form({
  regex: label1123, max: 63, examples: ['my-name', '123-abc'],
  sentence: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
})

const dottedLabel = new RegExp(`^${subdomain1123}$`)

export function isDNS1123Label(value: string): Sentences {
  const sentences = dns1123Label(value)
  const mismatch = sentences.at(-1)?.startsWith('a lowercase')
  if (!mismatch || !dottedLabel.test(value)) return sentences
  return [...sentences.slice(0, -1), 'must not contain dots']
}

const subdomain = (unit: 'bytes' | 'characters') => form({
  regex: subdomain1123, max: 253, unit, examples: ['example.com'],
  sentence: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
})

export const isDNS1123Subdomain = subdomain('characters')
const isLabelPrefix = subdomain('bytes')

const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'

/** A domain to search names in, which may have underscores. */
export const isDNS1123SubdomainWithUnderscore = form({
  regex: String.raw`${underscored}(\.${underscored})*`, max: 253, examples: ['example.com'],
  sentence: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
})

export const isDNS1035Label = form({
  regex: '[a-z]([-a-z0-9]*[a-z0-9])?', max: 63, examples: ['my-name', 'abc-123'],
  sentence: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
})

export const isWildcardDNS1123Subdomain = form({
  regex: String.raw`\*\.${subdomain1123}`, max: 253, examples: ['*.example.com'],
  sentence: "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
})

export const isValidLabelValue = form({
  regex: `(${labelKey})?`, max: 63, unit: 'bytes', examples: ['MyValue', 'my_value', '12345'],
  sentence: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
})

const labelKeySentence =
  pattern("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", labelKey, 'MyName', 'my.name', '123-abc')
const wholeLabelKey = new RegExp(`^${labelKey}$`)
const shortQualifiedName = new RegExp(`^(?:${subdomain1123}/)?${labelKey}$`)

/** A label key, a finalizer, a resource name: `example.com/name` or `name`. */
export function isQualifiedName(value: string): Sentences {
  // most are, and an object may have many
  if (value.length <= 63 && shortQualifiedName.test(value)) return none
  const parts = value.split('/')
  if (parts.length > 2) return [`a valid label key ${labelKeySentence} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const name = parts.at(-1) ?? ''
  const sentences: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') sentences.push('prefix part must be non-empty')
    else sentences.push(...isLabelPrefix(prefix).map((sentence) => `prefix part ${sentence}`))
  }
  if (name === '') sentences.push('name part must be non-empty')
  else if (name.length > 63) sentences.push(`name part ${maxLength(63, 'bytes')}`)
  if (name.length <= 1024 && !wholeLabelKey.test(name)) sentences.push(`name part ${labelKeySentence}`)
  return sentences
}

/** The last part of a URL's path. */
export function isPathSegmentName(value: string): Sentences {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((character) => value.includes(character)).map((character) => `may not contain '${character}'`)
}

const range = (value: number, low: number, high: number): Sentences =>
  value >= low && value <= high ? none : [`must be between ${low} and ${high}, inclusive`]

export const isValidPortNum = (port: number): Sentences => range(port, 1, 65535)

/** Of Unix users and groups. */
export const isValidId = (id: number): Sentences => range(id, 0, 2 ** 31 - 1)

/** IANA service names: what ports of containers and Services are called. */
export function isValidPortName(name: string): Sentences {
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [name.length <= 15, maxLength(15, 'characters')],
    [/^[-a-z0-9]+$/.test(name), 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    [/[a-z]/.test(name), 'must contain at least one letter (a-z)'],
    [!name.includes('--'), 'must not contain consecutive hyphens'],
    [!name.startsWith('-') && !name.endsWith('-'), 'must not begin or end with a hyphen'],
  ]
  return rules.filter(([holds]) => !holds).map(([, sentence]) => sentence)
}

export const isConditionReason = form({
  regex: '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?', examples: ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'],
  sentence: "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
})

export const isValidPercent = form({
  regex: '[0-9]+%', examples: ['1%', '93%'],
  sentence: "a valid percent string must be a numeric string followed by an ending '%'",
})

export const isHTTPHeaderName = form({
  regex: '[-A-Za-z0-9]+', examples: ['X-Header-Name'],
  sentence: "a valid HTTP header must consist of alphanumeric characters or '-'",
})

/** Any printable ASCII but `=`, as since Kubernetes 1.32. */
export function isEnvVarName(name: string): Sentences {
  if (name === '') return ['environment variable name must be non-empty']
  return /^[ -<>-~]+$/.test(name) ? none : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

const configKey = form({
  regex: '[-._a-zA-Z0-9]+', max: 253, examples: ['key.name', 'KEY_NAME', 'key-name'],
  sentence: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
})

/** A key of a ConfigMap or Secret, which may become a file name. */
export const isConfigMapKey = (key: string): Sentences => [...configKey(key), ...upwards(key)]

function upwards(value: string): Sentences {
  if (value === '.' || value === '..') return [`must not be '${value}'`]
  return value.startsWith('..') ? ["must not start with '..'"] : none
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

export const isIPv4 = (value: string): boolean => ipv4.test(value)

/** Whether the text is an IPv6 address, without a zone. */
export function isIPv6(value: string): boolean {
  if (value.length > 45 || !/^[\da-fA-F:.]+$/.test(value) || !value.includes(':')) return false
  const embedded = /^(.*:)([^:]*\..*)$/.exec(value)
  if (embedded && !isIPv4(embedded[2] ?? '')) return false
  const text = embedded ? `${embedded[1]}0:0` : value
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? groups.length < 8 : groups.length === 8
}
