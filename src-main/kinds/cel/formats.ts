import { call, type Library, member } from '../../base/cel/declarations.ts'
import { list, optional, string, struct } from '../../base/cel/types.ts'
import { isUrl } from '../../base/cel/urls.ts'
import { none, OpaqueValue, optionalOf } from '../../base/cel/values.ts'
import { hasFormat } from '../custom/formats.ts'
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue, type Sentences } from '../validation.ts'

const formatType = struct('kubernetes.NamedFormat')

/** kubernetes.NamedFormat in an expression. */
class NamedFormat extends OpaqueValue {
  readonly type = formatType
  readonly key: string
  readonly check: (text: string) => Sentences
  /** How long the expression is that tells whether a text has it. */
  readonly pattern: number

  constructor(name: string, check: NamedFormat['check'], pattern: number) {
    super()
    this.key = name
    this.check = check
    this.pattern = pattern
  }
}

/** A prefix may end with what a name may not end with. */
const prefix = (check: NamedFormat['check']) => (text: string): Sentences => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const named = (format: string, sentence: string) => (text: string): Sentences => (hasFormat(format, text) ? [] : [sentence])

/** Lengths are MaxRegexSize of ConstantFormats in k8s.io/apiserver/pkg/cel/library. */
const checks: Readonly<Record<string, readonly [check: NamedFormat['check'], pattern: number]>> = {
  dns1123Label: [isDNS1123Label, 30],
  dns1123Subdomain: [isDNS1123Subdomain, 60],
  dns1035Label: [isDNS1035Label, 30],
  qualifiedName: [isQualifiedName, 60],
  dns1123LabelPrefix: [prefix(isDNS1123Label), 30],
  dns1123SubdomainPrefix: [prefix(isDNS1123Subdomain), 60],
  dns1035LabelPrefix: [prefix(isDNS1035Label), 30],
  labelValue: [isValidLabelValue, 40],
  uri: [(text) => (isUrl(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]), 1103],
  uuid: [named('uuid', 'does not match the UUID format'), 70],
  byte: [named('byte', 'invalid base64'), 84],
  date: [named('date', 'invalid date'), 71],
  datetime: [named('datetime', 'invalid datetime'), 71],
}

const formats: ReadonlyMap<string, NamedFormat> = new Map(Object.entries(checks).map(([name, [check, pattern]]) => [name, new NamedFormat(name, check, pattern)]))

function validate({ check }: NamedFormat, text: string): unknown {
  const sentences = check(text)
  return sentences.length === 0 ? none : optionalOf(sentences)
}

/** Format of k8s.io/apiserver/pkg/cel/library. */
export const formatLibrary: Library = {
  functions: {
    'format.named': [call([string], optional(formatType), (name: string) => optionalOf(formats.get(name)))],
    'validate': [member([formatType, string], optional(list(string)), validate)],
    ...Object.fromEntries([...formats].map(([name, format]) => [`format.${name}`, [call([], formatType, () => format)]])),
  },
}
