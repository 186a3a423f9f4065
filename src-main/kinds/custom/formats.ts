import { isAnyCIDR } from '../ip.ts'
import { lookup } from '../lookup.ts'
import { isObject } from '../schema-values.ts'
import { isDNS1123Label, isDNS1123Subdomain, isIPv4, isIPv6 } from '../validation.ts'
import { isIntOrString, type JsonSchema } from './json-schema.ts'
import { isEmail, isRequestUri } from './address-formats.ts'
import { isCreditCard, isIsbn10, isIsbn13 } from './number-formats.ts'
import { isDate, isDateTime, isDuration } from './time-formats.ts'

const uuid = (version: string, variant: string) => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i')
const hex = '[0-9a-f]'
/** One name, or several of which the last is of letters: strfmt of kube-openapi takes no second hyphen in a single one. */
const hostname = /^(?:[a-zA-Z0-9\p{S}\p{L}]-?[a-zA-Z0-9\p{S}\p{L}]{0,62}|(?:[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
/** 6, 8 or 20 bytes, with one sort of separator. */
const mac = /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:(?:[0-9a-f]{2}\1){2}(?:(?:[0-9a-f]{2}\1){12})?)?[0-9a-f]{2}$|^[0-9a-f]{4}\.(?:[0-9a-f]{4}\.){1,2}[0-9a-f]{4}$|^(?:[0-9a-f]{4}\.){9}[0-9a-f]{4}$/i
const byte = '(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])'
const rgb = new RegExp(`^rgb\\([\\t\\n\\f\\r ]*${[byte, byte, byte].join('[\\t\\n\\f\\r ]*,[\\t\\n\\f\\r ]*')}[\\t\\n\\f\\r ]*\\)$`)

const isHostname = (value: string): boolean => value.length <= 255 && hostname.test(value) && Buffer.byteLength(value) <= 255 && value.split('.').every((part) => Buffer.byteLength(part) <= 63)
const withoutZeros = (value: string): string => value.replaceAll(/(?<=^|[.:/])0+(?=\d)/g, '')

/** Formats of texts, by their names without hyphens. Every check takes time by the length of the text. */
const formats: Readonly<Record<string, (value: string) => boolean>> = {
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: isEmail,
  hostname: isHostname,
  ipv4: (value) => value.includes('.') && (isIPv4(withoutZeros(value)) || isIPv6(value)),
  ipv6: isIPv6,
  cidr: isAnyCIDR,
  mac: (value) => value.length <= 59 && mac.test(value),
  uri: isRequestUri,
  uuid: (value) => uuid(hex, hex).test(value),
  uuid3: (value) => uuid('3', hex).test(value),
  uuid4: (value) => uuid('4', '[89ab]').test(value),
  uuid5: (value) => uuid('5', '[89ab]').test(value),
  byte: (value) => base64.test(value),
  password: () => true,
  k8sshortname: (value) => isDNS1123Label(value).length === 0,
  k8slongname: (value) => isDNS1123Subdomain(value).length === 0,
  bsonobjectid: (value) => /^[0-9a-fA-F]{24}$/.test(value),
  hexcolor: (value) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(value),
  rgbcolor: (value) => rgb.test(value),
  creditcard: isCreditCard,
  ssn: (value) => /^\d{3}[- ]\d{2}[- ]\d{4}$/.test(value),
  isbn: (value) => isIsbn10(value) || isIsbn13(value),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
}

const plain = (format: string): string => format.replaceAll('-', '')
const ofNumbers: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] }

/** The format of a schema, where Kubernetes knows it for values of that type; of any other one it takes no notice. */
export function formatOf(schema: JsonSchema): string {
  const { format } = schema
  return format && isKnown(format, isIntOrString(schema) ? '' : (schema.type ?? '')) ? format : ''
}

const isKnown = (format: string, type: string): boolean =>
  type === '' || type === 'string' ? Object.hasOwn(formats, plain(format)) : (lookup(ofNumbers, type)?.includes(format) ?? false)

/** Whether the text has the format; a format that Kubernetes does not know says nothing. */
export function hasFormat(format: string, value: string): boolean {
  const name = plain(format)
  return !Object.hasOwn(formats, name) || formats[name]!(value)
}

/** The formats that a schema names, here or below, and that Kubernetes does not know. */
export function unknownFormats(schema: JsonSchema): string[] {
  const { format, type = '', properties, items, additionalProperties, not, allOf = [], anyOf = [], oneOf = [] } = schema
  const below = [...Object.values(properties ?? {}), ...allOf, ...anyOf, ...oneOf, items, additionalProperties, not]
  return [...(format && !isKnown(format, type) ? [format] : []), ...below.flatMap((each) => (isObject(each) ? unknownFormats(each as JsonSchema) : []))]
}
