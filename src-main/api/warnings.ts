/** All warnings of one answer have so many characters together; where they have more, each has `mostOfEach`. */
const mostTogether = 4096
const mostOfEach = 256

/** What `Warning` headers say, once each. What no header can carry is left out, as is what comes after the room is used up. */
export function warningHeaders(warnings: Iterable<string>): string[] {
  const texts = [...new Set(warnings)].filter((text) => text !== '')
  const whole = texts.filter(canBeSaid)
  if (whole.reduce((length, text) => length + lengthOf(text), 0) <= mostTogether) return whole.map(headerOf)
  const headers: string[] = []
  let length = 0
  for (const text of texts.map((each) => [...each].slice(0, mostOfEach).join(''))) {
    if (length >= mostTogether) break
    if (!canBeSaid(text)) continue
    length += lengthOf(text)
    headers.push(headerOf(text))
  }
  return headers
}

const canBeSaid = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text)
const lengthOf = (text: string): number => [...text].length

/** Node writes one byte for each character of a header, and Kubernetes UTF-8. */
const headerOf = (text: string): string => Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`).toString('latin1')
