type Interval = readonly [first: number, last: number]

/** `3` or `3-5`; or what is wrong with it. */
function intervalOf(text: string, completions: number): Interval | string {
  const limits = text.split('-')
  if (limits.length > 2) return `the fragment "${text}" violates the requirement that an index interval can have at most two parts separated by '-'`
  const numbers: number[] = []
  for (const limit of limits) {
    if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: "${limit}"`
    const index = Number(limit)
    if (index >= completions) return `too large index: "${limit}"`
    numbers.push(index)
  }
  const [first = 0, last = first] = numbers
  return numbers.length === 2 && first >= last ? `non-increasing order, previous: ${first}, current: ${last}` : [first, last]
}

/** How many indexes `1,3-5` names; or what is wrong with it. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let total = 0
  let previous: number | undefined
  for (const part of text.split(',')) {
    const interval = intervalOf(part, completions)
    if (typeof interval === 'string') return interval
    const [first, last] = interval
    if (previous !== undefined && previous >= first) return `non-increasing order, previous: ${previous}, current: ${first}`
    total += last - first + 1
    previous = last
  }
  return total
}

/** The first index that both texts name. What cannot be read is left out: it is told elsewhere. */
export function commonIndex(a: string, b: string, completions: number): number | undefined {
  const intervals = (text: string): Interval[] => text.split(',').map((part) => intervalOf(part, completions)).filter((interval) => typeof interval !== 'string')
  const [mine, others] = [intervals(a), intervals(b)]
  for (let i = 0, j = 0; i < mine.length && j < others.length;) {
    const [[first, last], [otherFirst, otherLast]] = [mine[i]!, others[j]!]
    if (first <= otherLast && otherFirst <= last) return Math.max(first, otherFirst)
    if (first <= otherFirst) i++
    else j++
  }
  return undefined
}
