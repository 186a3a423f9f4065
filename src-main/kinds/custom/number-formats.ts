/** The cards that govalidator knows by their first digits and their lengths. */
const card = /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/

/** Whatever stands between the digits, the last of which answers for the others. */
export function isCreditCard(value: string): boolean {
  const digits = value.replaceAll(/[^0-9]+/g, '')
  return card.test(digits) && sum([...digits].reverse(), (digit, i) => (i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit)) % 10 === 0
}

const withoutGaps = (value: string): string => value.replaceAll(/[\t\n\f\r -]+/g, '')

export function isIsbn10(value: string): boolean {
  const text = withoutGaps(value)
  return /^[0-9]{9}[0-9X]$/.test(text) && sum(text, (digit, i) => (i + 1) * digit) % 11 === 0
}

export function isIsbn13(value: string): boolean {
  const text = withoutGaps(value)
  return /^[0-9]{13}$/.test(text) && sum(text, (digit, i) => (i % 2 === 0 ? digit : 3 * digit)) % 10 === 0
}

const sum = (text: Iterable<string>, weigh: (digit: number, index: number) => number): number =>
  [...text].reduce((all, digit, i) => all + weigh(digit === 'X' ? 10 : Number(digit), i), 0)
