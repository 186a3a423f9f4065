import { isIPv6 } from '../validation.ts'

/** What an address may have of ASCII in a word, and all the rest of Unicode: atext of RFC 5322 and 6532. */
const atom = String.raw`[A-Za-z0-9!#$%&'*+/=?^_\x60{|}~\x80-\uffff-]+`
const dotted = `${atom}(?:\\.${atom})*`
const quotedText = String.raw`"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e\t])*"`
const address = `(?:${dotted}|${quotedText})@(?:${dotted}|\\[[0-9A-Fa-f.:]+\\])`
const bare = new RegExp(`^[ \\t]*${address}[ \\t]*$`)
const inBrackets = new RegExp(`^${address}$`)
const nameWord = new RegExp(`^(?:[A-Za-z0-9!#$%&'*+/=?^_\`{|}~.\\x80-\\uffff-]|${quotedText}|[ \\t])*$`)

/** An address as net/mail of Go reads it, with or without the name of whose it is. */
export function isEmail(value: string): boolean {
  const text = value.trimEnd()
  if (!text.endsWith('>')) return bare.test(value)
  const at = text.lastIndexOf('<')
  return at >= 0 && inBrackets.test(text.slice(at + 1, -1)) && nameWord.test(text.slice(0, at))
}

const badEscape = /%(?![0-9a-fA-F]{2})/
const userInfo = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/
const host = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=<>"\]\x80-\uffff]|%[89a-fA-F][0-9a-fA-F])*(?::\d*)?$/

/** An absolute address or an absolute path: url.ParseRequestURI of Go. */
export function isRequestUri(value: string): boolean {
  if (value === '' || hasControls(value)) return false
  if (value === '*') return true
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(value)?.[0] ?? ''
  const [rest = ''] = value.slice(scheme.length).split('?', 1)
  if (!rest.startsWith('/')) return scheme !== ''
  if (!scheme || !rest.startsWith('//')) return !badEscape.test(rest)
  const slash = rest.indexOf('/', 2)
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
  return isAuthority(authority) && (slash < 0 || !badEscape.test(rest.slice(slash)))
}

/** Of ASCII: what Go looks at is bytes. */
const hasControls = (value: string): boolean => /(?![\u0080-\u009f])\p{Cc}/u.test(value)

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@')
  const user = at < 0 ? '' : authority.slice(0, at)
  const place = authority.slice(at + 1)
  if (!userInfo.test(user) || badEscape.test(user)) return false
  const bracketed = /^\[([^\]%]*)(?:%25[^\]]*)?\](?::\d*)?$/.exec(place)
  return place.startsWith('[') ? bracketed !== null && isIPv6(bracketed[1]!) : host.test(place)
}
