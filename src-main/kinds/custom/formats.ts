import { isDNS1123Label, isDNS1123Subdomain, isIPv4, isIPv6, isValidCIDR } from '../validation.ts'

const uuid = (version: string) => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i')
/** One name, or several of which the last is of letters: strfmt of kube-openapi takes no second hyphen in a single one. */
const hostname = /^(?:[a-zA-Z0-9\p{S}\p{L}]-?[a-zA-Z0-9\p{S}\p{L}]{0,62}|(?:[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u
const dateTime = /^(\d{4}-\d{2}-\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/
const base64 = /^[A-Za-z0-9+/]*={0,2}$/
const durationPart = /^(\d+(?:\.\d*)?|\.\d+) ?(?:ns|nano|us|µs|micro|ms|milli|s|sec|second|seconds|m|min|minute|minutes|h|hr|hour|hours|d|day|days|w|week|weeks)$/

const isDate = (value: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toISOString().startsWith(value)

const valid = (check: () => boolean): boolean => {
  try {
    return check()
  } catch {
    // a date or URL that JavaScript cannot make is none
    return false
  }
}

/** Every check takes time by the length of the text. */
const formats: Readonly<Record<string, (value: string) => boolean>> = {
  date: (value) => valid(() => isDate(value)),
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: (value) => value === '0' || (value.match(/[\d.]+ ?[a-zµ]+/g) ?? []).every((part) => durationPart.test(part)) && /^-?([\d.]+ ?[a-zµ]+ ?)+$/.test(value.slice(0, 128)),
  email: (value) => value.length <= 320 && /^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/.test(value),
  hostname: (value) => value.length <= 255 && hostname.test(value),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: (value) => isValidCIDR(value).length === 0,
  mac: (value) => /^([0-9a-f]{2}[:-]){5}([0-9a-f]{2}[:-]){0,2}[0-9a-f]{2}$/i.test(value) || /^([0-9a-f]{4}\.){2}([0-9a-f]{4}\.)?[0-9a-f]{4}$/i.test(value),
  uri: (value) => valid(() => new URL(value, 'http://base').href !== '') && (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(value) || value.startsWith('/')),
  uuid: (value) => uuid('[0-9a-f]').test(value),
  uuid3: (value) => uuid('3').test(value),
  uuid4: (value) => uuid('4').test(value),
  uuid5: (value) => uuid('5').test(value),
  byte: (value) => value !== '' && value.length % 4 === 0 && base64.test(value),
  'k8s-short-name': (value) => isDNS1123Label(value).length === 0,
  'k8s-long-name': (value) => isDNS1123Subdomain(value).length === 0,
  bsonobjectid: (value) => /^[0-9a-fA-F]{24}$/.test(value),
  hexcolor: (value) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(value),
  rgbcolor: (value) => {
    const parts = /^rgb\( ?(\d{1,3}) ?, ?(\d{1,3}) ?, ?(\d{1,3}) ?\)$/.exec(value)
    return parts !== null && parts.slice(1).every((part) => Number(part) <= 255)
  },
  creditcard: (value) => /^[\d -]{12,24}$/.test(value),
  ssn: (value) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(value),
  isbn: (value) => /^(97[89])?\d{9}[\dXx]$/.test(value.replaceAll(/[- ]/g, '')),
  isbn10: (value) => /^\d{9}[\dXx]$/.test(value.replaceAll(/[- ]/g, '')),
  isbn13: (value) => /^\d{13}$/.test(value.replaceAll(/[- ]/g, '')),
}

function isDateTime(value: string): boolean {
  const [, day] = dateTime.exec(value) ?? []
  return day !== undefined && valid(() => isDate(day)) && !Number.isNaN(Date.parse(value))
}

/** Whether the text has the format; a format that Kubernetes does not know says nothing. */
export const hasFormat = (format: string, value: string): boolean =>
  !Object.hasOwn(formats, format) || formats[format]!(value)
