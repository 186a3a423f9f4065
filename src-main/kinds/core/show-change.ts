/** Lines that stay the same and are shown around those that do not. */
const around = 3

/** What differs between two values, as a unified diff of their JSON with sorted keys: one hunk from the first change to the last. */
export function showChange(before: unknown, now: unknown): string {
  const [a, b] = [linesOf(before), linesOf(now)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const from = Math.max(start - around, 0)
  const after = a.slice(a.length - end, a.length - end + around)
  const [removed, added] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  const same = start - from + after.length
  const lines = [
    `@@ -${from + 1},${same + removed.length} +${from + 1},${same + added.length} @@`,
    ...a.slice(from, start).map((line) => ` ${line}`), ...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`), ...after.map((line) => ` ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

const linesOf = (value: unknown): string[] => (JSON.stringify(value, sorted, 1) ?? 'null').split('\n')

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
