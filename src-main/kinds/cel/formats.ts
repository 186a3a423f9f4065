import { Optional } from '@marcbachmann/cel-js'
import type { EnvironmentPart } from '../../base/cel/part.ts'
import { isUrl } from '../../base/cel/urls.ts'
import { hasFormat } from '../custom/formats.ts'
import { isDNS1035Label, isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue, type Sentences } from '../validation.ts'

/** kubernetes.NamedFormat in an expression. */
class NamedFormat {
  readonly check: (text: string) => Sentences

  constructor(check: NamedFormat['check']) {
    this.check = check
  }
}

/** What stands before the dot of `format.named(a)`. */
class Formats {
  readonly name = 'format'
}

/** A prefix may end with what a name may not end with. */
const prefix = (check: NamedFormat['check']) => (text: string): Sentences => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const named = (format: string, sentence: string) => (text: string): Sentences => (hasFormat(format, text) ? [] : [sentence])

const formats: Readonly<Record<string, NamedFormat>> = Object.fromEntries(Object.entries({
  dns1123Label: isDNS1123Label,
  dns1123Subdomain: isDNS1123Subdomain,
  dns1035Label: isDNS1035Label,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: prefix(isDNS1123Label),
  dns1123SubdomainPrefix: prefix(isDNS1123Subdomain),
  dns1035LabelPrefix: prefix(isDNS1035Label),
  labelValue: isValidLabelValue,
  uri: (text: string): Sentences => (isUrl(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`]),
  uuid: named('uuid', 'does not match the UUID format'),
  byte: named('byte', 'invalid base64'),
  date: named('date', 'invalid date'),
  datetime: named('datetime', 'invalid datetime'),
}).map(([name, check]) => [name, new NamedFormat(check)]))

/** Format of k8s.io/apiserver/pkg/cel/library. */
export const formatPart: EnvironmentPart = {
  types: { 'kubernetes.NamedFormat': NamedFormat, Formats },
  constants: { format: ['Formats', new Formats()] },
  functions: {
    'Formats.named(string): optional<kubernetes.NamedFormat>': (_formats: Formats, name: string) => (Object.hasOwn(formats, name) ? Optional.of(formats[name]) : Optional.none()),
    'kubernetes.NamedFormat.validate(string): optional<list<string>>': ({ check }: NamedFormat, text: string) => {
      const sentences = check(text)
      return sentences.length === 0 ? Optional.none() : Optional.of(sentences)
    },
    ...Object.fromEntries(Object.entries(formats).map(([name, format]) => [`Formats.${name}(): kubernetes.NamedFormat`, () => format])),
  },
}
